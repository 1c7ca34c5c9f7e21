extension PublicKey {
    /// The largest RSA modulus taken from strangers, in bits: what a check costs grows with its square.
    public static let maximumRSABits = 8192

    /// An RSA key by its modulus and exponent, big-endian, as JSON Web Keys have them (RFC 7518 §6.3.1).
    ///
    /// Throws for a modulus shorter than `minimumRSABits` or longer than `maximumRSABits`, and for an exponent that is even, one, or
    /// longer than four bytes.
    public convenience init(rsaModulus: [UInt8], exponent: [UInt8]) throws(CryptoError) {
        let (modulus, exponent) = (Natural(rsaModulus), Natural(exponent))
        guard modulus.bytes.count <= Self.maximumRSABits / 8, exponent.bytes.count <= 4, exponent > Natural([1]),
            let last = exponent.bytes.last, last & 1 == 1
        else { throw CryptoError("use an RSA key", reasons: ["its modulus or its exponent is out of bounds"]) }
        let key = DER.sequence(DER.integer(modulus) + DER.integer(exponent))
        // rsaEncryption, 1.2.840.113549.1.1.1, whose parameters are NULL (RFC 8017 §A.1).
        let algorithm = DER.sequence([6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1, 5, 0])
        try self.init(der: DER.sequence(algorithm + DER.bitString(key)))
    }

    /// A P-256 key by its coordinates of 32 bytes each, as JSON Web Keys have them (RFC 7518 §6.2.1).
    ///
    /// Throws for other lengths and for a point that is not on the curve.
    public convenience init(p256X x: [UInt8], y: [UInt8]) throws(CryptoError) {
        guard x.count == 32, y.count == 32 else {
            throw CryptoError("use a P-256 key", reasons: ["a coordinate does not have 32 bytes"])
        }
        // id-ecPublicKey, 1.2.840.10045.2.1, on prime256v1, 1.2.840.10045.3.1.7 (RFC 5480 §2.1).
        let algorithm = DER.sequence(
            [6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7])
        try self.init(der: DER.sequence(algorithm + DER.bitString([4] + x + y)))
    }

    /// Whether `signature`, the two numbers of 32 bytes as JSON Web Signatures have them (RFC 7518 §3.4), is this P-256 key's over
    /// `message`.
    public func verify(concatenatedSignature signature: [UInt8], message: [UInt8]) -> Bool {
        guard kind == .ecdsaP256, signature.count == 64 else { return false }
        let (r, s) = (Natural(Array(signature[..<32])), Natural(Array(signature[32...])))
        guard !r.isZero, !s.isZero else { return false }
        return verify(
            signature: DER.sequence(DER.integer(r) + DER.integer(s)), message: message, digest: .sha256)
    }
}

/// The few forms of X.690 that keys and signatures are written in.
enum DER {
    static func sequence(_ content: [UInt8]) -> [UInt8] { value(0x30, content) }

    /// A whole number; a first byte from 0x80 on would make it negative, and gets a zero before it.
    static func integer(_ number: Natural) -> [UInt8] {
        let needsZero = (number.bytes.first ?? 0x80) >= 0x80
        return value(2, (needsZero ? [0] : []) + number.bytes)
    }

    /// A bit string of whole bytes.
    static func bitString(_ content: [UInt8]) -> [UInt8] { value(3, [0] + content) }

    private static func value(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        guard content.count >= 0x80 else { return [tag, UInt8(content.count)] + content }
        let length = withUnsafeBytes(of: content.count.bigEndian) { Natural(Array($0)).bytes }
        return [tag, 0x80 | UInt8(length.count)] + length + content
    }
}
