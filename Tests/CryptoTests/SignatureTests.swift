import Crypto
import Testing

@Suite struct SignatureTests {
    private static let rsa = Result { try PrivateKey.generateRSA() }
    private let message = Array("the message".utf8)

    @Test(arguments: [DigestAlgorithm.sha1, .sha256])
    func `an RSA signature verifies under its own key, message and digest only`(_ digest: DigestAlgorithm) throws {
        let key = try Self.rsa.get()
        let signature = try key.sign(message, digest)
        let publicKey = key.publicKey
        #expect(key.kind == .rsa && key.bits == 2048 && signature.count == 256)
        #expect(publicKey.verify(signature: signature, message: message, digest: digest))
        #expect(!publicKey.verify(signature: signature, message: message + [0], digest: digest))
        #expect(!publicKey.verify(signature: signature, message: message, digest: digest == .sha1 ? .sha256 : .sha1))
        #expect(!publicKey.verify(signature: signature.dropLast(), message: message, digest: digest))
        #expect(!publicKey.verify(signature: [], message: message, digest: digest))
        var damaged = signature
        damaged[100] ^= 1
        #expect(!publicKey.verify(signature: damaged, message: message, digest: digest))
    }

    @Test func `a P-256 signature verifies under its own key only`() throws {
        let key = try PrivateKey.generateP256()
        let other = try PrivateKey.generateP256()
        let signature = try key.sign(message, .sha256)
        #expect(key.kind == .ecdsaP256)
        #expect(key.publicKey.verify(signature: signature, message: message, digest: .sha256))
        #expect(!other.publicKey.verify(signature: signature, message: message, digest: .sha256))
    }

    @Test func `one verifier checks many signatures, also after a wrong one`() throws {
        let key = try Self.rsa.get()
        let good = try key.sign(message, .sha256)
        let verifier = SignatureVerifier(key: key.publicKey, digest: .sha256)
        func check(_ signature: [UInt8]) -> Bool {
            signature.withUnsafeBytes { signature in
                message.withUnsafeBytes { verifier.verify(signature: signature, message: $0) }
            }
        }
        #expect(check(good))
        #expect(!check([1, 2, 3]))
        #expect(check(good))
    }

    @Test func `keys survive a round trip through PEM and DER`() throws {
        for key in [try Self.rsa.get(), try PrivateKey.generateP256()] {
            let again = try PrivateKey(pem: key.pem)
            let signature = try again.sign(message, .sha256)
            for publicKey in [try PublicKey(pem: key.publicKey.pem), try PublicKey(der: key.publicKey.der)] {
                #expect(publicKey.kind == key.kind)
                #expect(publicKey.verify(signature: signature, message: message, digest: .sha256))
            }
        }
    }

    @Test func `the RSA parameters are the modulus without a leading zero and the usual exponent`() throws {
        let parameters = try #require(try Self.rsa.get().publicKey.rsaParameters)
        #expect(parameters.modulus.count == 256)
        #expect(parameters.modulus[0] >= 0x80)
        #expect(parameters.exponent == [1, 0, 1])
        #expect(try PrivateKey.generateP256().publicKey.rsaParameters == nil)
    }

    @Test func `a key that is short, damaged or no key at all is refused with a reason`() throws {
        let short = try PrivateKey.generateRSA(bits: 1024)
        let refusal = #expect(throws: CryptoError.self) { try PublicKey(pem: short.publicKey.pem) }
        #expect(refusal?.description.contains("1024 bits") == true)
        #expect(try PublicKey(pem: short.publicKey.pem, minimumRSABits: 1024).bits == 1024)
        #expect(throws: CryptoError.self) { try PublicKey(pem: "") }
        #expect(throws: CryptoError.self) { try PublicKey(pem: short.pem) }
        #expect(throws: CryptoError.self) { try PrivateKey(pem: String(short.pem.dropFirst(200))) }
        #expect(throws: CryptoError.self) { try PublicKey(der: [0x30, 0x03, 0x02, 0x01, 0x01]) }
    }

    @Test func `a certificate is made for names and addresses and refuses anything that could inject`() throws {
        let made = try SelfSignedCertificate.make(hosts: ["localhost", "127.0.0.1", "::1", "*.weir.test"])
        #expect(made.certificatePEM.hasPrefix("-----BEGIN CERTIFICATE-----"))
        #expect(try PrivateKey(pem: made.keyPEM).kind == .ecdsaP256)
        #expect(throws: CryptoError.self) { try SelfSignedCertificate.make(hosts: []) }
        #expect(throws: CryptoError.self) { try SelfSignedCertificate.make(hosts: ["a,URI:http://b"]) }
    }

    @Test func `a key by its parameters is the key`() throws {
        let rsa = try Self.rsa.get().publicKey
        let parameters = try #require(rsa.rsaParameters)
        #expect(try PublicKey(rsaModulus: parameters.modulus, exponent: parameters.exponent).der == rsa.der)
        #expect(try PublicKey(rsaModulus: [0] + parameters.modulus, exponent: [0, 3]).bits == 2048)
        let p256 = try PrivateKey.generateP256().publicKey
        let point = Array(p256.der.suffix(64))
        #expect(try PublicKey(p256X: Array(point[..<32]), y: Array(point[32...])).der == p256.der)
    }

    @Test func `parameters that are out of bounds, or no point of the curve, make no key`() throws {
        let modulus = try #require(try Self.rsa.get().publicKey.rsaParameters).modulus
        let exponents: [[UInt8]] = [[], [0], [1], [2], [1, 0, 0, 0, 1]]
        for exponent in exponents {
            #expect(throws: CryptoError.self) { try PublicKey(rsaModulus: modulus, exponent: exponent) }
        }
        let lengths = [0, 1, 128, 1025]
        for length in lengths {
            #expect(throws: CryptoError.self) {
                try PublicKey(rsaModulus: [UInt8](repeating: 0xff, count: length), exponent: [3])
            }
        }
        let point = Array(try PrivateKey.generateP256().publicKey.der.suffix(64))
        for (x, y) in [
            (Array(point[..<32]), Array(point[..<32])), ([UInt8](repeating: 0, count: 32), Array(point[32...])),
            (Array(point[..<31]), Array(point[32...])),
        ] {
            #expect(throws: CryptoError.self) { try PublicKey(p256X: x, y: y) }
        }
    }

    @Test func `a signature of two numbers verifies under its own P-256 key only`() throws {
        let key = try PrivateKey.generateP256()
        // 30 len 02 len r 02 len s
        let der = try key.sign(message, .sha256)
        let rLength = Int(der[3])
        let numbers = [der[4..<(4 + rLength)], der[(6 + rLength)...]]
        let signature = numbers.flatMap { number in
            let digits = Array(number.drop { $0 == 0 })
            return [UInt8](repeating: 0, count: 32 - digits.count) + digits
        }
        #expect(key.publicKey.verify(concatenatedSignature: signature, message: message))
        #expect(!key.publicKey.verify(concatenatedSignature: signature, message: message + [0]))
        #expect(!key.publicKey.verify(concatenatedSignature: der, message: message))
        #expect(!key.publicKey.verify(concatenatedSignature: [UInt8](repeating: 0, count: 64), message: message))
        let other = try PrivateKey.generateP256().publicKey
        #expect(!other.verify(concatenatedSignature: signature, message: message))
        #expect(try !Self.rsa.get().publicKey.verify(concatenatedSignature: signature, message: message))
    }
}
