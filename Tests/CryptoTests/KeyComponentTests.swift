import Crypto
import Testing

@Suite struct KeyComponentTests {
    private let message = Array("the message".utf8)

    @Test func `an RSA key of its numbers is the key`() throws {
        let key = try PrivateKey.generateRSA()
        let numbers = try #require(key.publicKey.rsaParameters)
        let again = try PublicKey(rsaModulus: [0] + numbers.modulus, exponent: numbers.exponent)
        #expect(again.der == key.publicKey.der)
        #expect(again.verify(signature: try key.sign(message, .sha256), message: message, digest: .sha256))
        #expect(throws: CryptoError.self) {
            try PublicKey(rsaModulus: Array(numbers.modulus.dropLast(128)), exponent: numbers.exponent)
        }
        #expect(throws: CryptoError.self) { try PublicKey(rsaModulus: [], exponent: []) }
    }

    @Test func `a P-256 key of its coordinates is the key, and a point beside the curve is none`() throws {
        let key = try PrivateKey.generateP256()
        let (x, y) = (Array(key.publicKey.der.suffix(64).prefix(32)), Array(key.publicKey.der.suffix(32)))
        let again = try PublicKey(p256X: x, y: y)
        #expect(again.der == key.publicKey.der && again.kind == .ecdsaP256)
        #expect(throws: CryptoError.self) { try PublicKey(p256X: y, y: x) }
        #expect(throws: CryptoError.self) { try PublicKey(p256X: Array(repeating: 0, count: 32), y: y) }
        #expect(throws: CryptoError.self) { try PublicKey(p256X: Array(x.dropLast()), y: y) }
        #expect(throws: CryptoError.self) { try PublicKey(p256X: x, y: [0] + y) }
    }
}
