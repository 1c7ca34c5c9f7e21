import Crypto
import Testing

@Suite struct SealingTests {
    private let key = [UInt8](repeating: 7, count: 32)

    @Test func `AES-256-GCM gives the published ciphertext and tag`() throws {
        let zeros = [UInt8](repeating: 0, count: 16)
        let sealed = try AESGCM.seal(
            zeros, key: [UInt8](repeating: 0, count: 32), nonce: [UInt8](repeating: 0, count: 12), additionalData: [])
        let expected: [UInt8] = [
            0xce, 0xa7, 0x40, 0x3d, 0x4d, 0x60, 0x6b, 0x6e, 0x07, 0x4e, 0xc5, 0xd3, 0xba, 0xf3, 0x9d, 0x18,
            0xd0, 0xd1, 0xc8, 0xa7, 0x99, 0x99, 0x6b, 0xf0, 0x26, 0x5b, 0x98, 0xb5, 0xd4, 0x8a, 0xb9, 0x19,
        ]
        #expect(sealed == expected)
    }

    @Test func `what was sealed opens with the same key and additional data only`() throws {
        let secret = Array("JBSWY3DPEHPK3PXP".utf8)
        let sealed = try AESGCM.seal(secret, key: key, additionalData: [1])
        #expect(try AESGCM.open(sealed, key: key, additionalData: [1]) == secret)
        #expect(throws: CryptoError.self) { try AESGCM.open(sealed, key: key, additionalData: [2]) }
        #expect(throws: CryptoError.self) {
            try AESGCM.open(sealed, key: [UInt8](repeating: 8, count: 32), additionalData: [1])
        }
        for index in sealed.indices {
            var damaged = sealed
            damaged[index] ^= 1
            #expect(throws: CryptoError.self) { try AESGCM.open(damaged, key: key, additionalData: [1]) }
        }
    }

    @Test func `two seals of one value differ, and an empty value can be sealed`() throws {
        #expect(try AESGCM.seal([1], key: key) != AESGCM.seal([1], key: key))
        #expect(try AESGCM.open(AESGCM.seal([], key: key), key: key).isEmpty)
    }

    @Test func `a key of the wrong length and a truncated value are refused`() {
        #expect(throws: CryptoError.self) { try AESGCM.seal([1], key: [1, 2, 3]) }
        #expect(throws: CryptoError.self) { try AESGCM.open([1, 2, 3], key: key) }
    }

    @Test func `Argon2id verifies the reference implementation's published hash`() {
        let encoded = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
        #expect(Argon2id.verify(Array("password".utf8), encoded: encoded))
        #expect(!Argon2id.verify(Array("Password".utf8), encoded: encoded))
        #expect(!Argon2id.verify(Array("password".utf8), encoded: "not a hash"))
        #expect(Argon2id.needsRehash(encoded))
    }

    @Test func `a fresh hash verifies, is salted and carries its parameters`() throws {
        let parameters = Argon2id.Parameters(memoryKiB: 64, passes: 1, lanes: 1)
        let first = try Argon2id.hash(Array("correct horse".utf8), parameters: parameters)
        let second = try Argon2id.hash(Array("correct horse".utf8), parameters: parameters)
        #expect(first.hasPrefix("$argon2id$v=19$m=64,t=1,p=1$"))
        #expect(first != second)
        #expect(Argon2id.verify(Array("correct horse".utf8), encoded: first))
        #expect(!Argon2id.verify(Array("battery staple".utf8), encoded: first))
        #expect(!Argon2id.needsRehash(first, parameters: parameters))
    }
}
