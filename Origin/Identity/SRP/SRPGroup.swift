internal import Bytes
internal import Crypto

/// The group in which Cognito's clients compute SRP-6a: the 3,072-bit prime of RFC 5054 and, unlike there, the generator 2.
enum SRPGroup {
    static let prime: Modulus = {
        guard let value = Natural(hexadecimal: primeDigits), let prime = try? Modulus(value) else {
            preconditionFailure("these are not the digits of the prime")
        }
        return prime
    }()
    static let generator = Natural([2])
    /// `k = H(I(N) ‖ I(g))`, which keeps a server that only pretends from testing two guesses at once.
    static let multiplier = Natural(Digest.sha256(prime.value.signedBytes + generator.signedBytes))

    /// Whether a client may have computed `value`; never for multiples of the prime, with which anybody would know the key.
    static func contains(_ value: Natural) -> Bool {
        !value.isZero && value < prime.value
    }

    private static let primeDigits = """
        ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22514a08798e3404dd\
        ef9519b3cd3a431b302b0a6df25f14374fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7ed\
        ee386bfb5a899fa5ae9f24117c4b1fe649286651ece45b3dc2007cb8a163bf0598da48361c55d39a69163fa8fd24cf5f\
        83655d23dca3ad961c62f356208552bb9ed529077096966d670c354e4abc9804f1746c08ca18217c32905e462e36ce3b\
        e39e772c180e86039b2783a2ec07a28fb5c55df06f4c52c9de2bcbf6955817183995497cea956ae515d2261898fa0510\
        15728e5a8aaac42dad33170d04507a33a85521abdf1cba64ecfb850458dbef0a8aea71575d060c7db3970f85a6e1e4c7\
        abf5ae8cdb0933d71e8c94e04a25619dcee3d2261ad2ee6bf12ffa06d98a0864d87602733ec86a64521f2b18177b200c\
        bbe117577a615d6c770988c0bad946e208e24fa074e5ab3143db5bfce0fd108e4b82d120a93ad2caffffffffffffffff
        """
}

extension Natural {
    /// `I(n)`: its big-endian bytes, after a zero byte if they begin with a set bit; one zero byte for zero.
    ///
    /// What `BigInteger.toByteArray` of Java gives. Clients hash numbers in this form.
    var signedBytes: [UInt8] {
        guard let first = bytes.first else { return [0] }
        return first < 0x80 ? bytes : [0] + bytes
    }

    /// The number that hexadecimal digits of either case stand for, an odd count of them too; nil for anything else.
    init?(hexadecimal text: String) {
        let digits = Array(text.utf8)
        guard !digits.isEmpty, let bytes = Hex.decode(digits.count % 2 == 0 ? digits : [UInt8(ascii: "0")] + digits)
        else { return nil }
        self.init(bytes)
    }
}
