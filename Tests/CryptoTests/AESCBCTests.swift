import Bytes
import Crypto
import Testing

@Suite struct AESCBCTests {
    private let key = Hex.decode("2b7e151628aed2a6abf7158809cf4f3c")!
    private let vector = Hex.decode("000102030405060708090a0b0c0d0e0f")!
    /// Made by `openssl enc -aes-128-cbc`.
    private let sealed = Hex.decode("3fb6b94f38968ce0e9db6fd8ee88d9a6066e2824ff9e1301758207fb0cba19c5")!

    @Test func `what openssl encrypted is decrypted, without its padding`() throws {
        #expect(try AESCBC.open(sealed, key: key, vector: vector) == Array("a segment of seconds".utf8))
    }

    @Test func `what is encrypted is what openssl makes of it, a whole block of padding included`() throws {
        #expect(try AESCBC.seal(Array("a segment of seconds".utf8), key: key, vector: vector) == sealed)
        for count in [0, 15, 16, 17, 4096] {
            let clear = [UInt8](repeating: 7, count: count)
            let sealed = try AESCBC.seal(clear, key: key, vector: vector)
            #expect(sealed.count == (count / 16 + 1) * 16)
            #expect(try AESCBC.open(sealed, key: key, vector: vector) == clear)
        }
        #expect(throws: CryptoError.self) { try AESCBC.seal([1], key: [1], vector: vector) }
        #expect(throws: CryptoError.self) { try AESCBC.seal([1], key: key, vector: []) }
    }

    @Test func `bytes of another key, or not of whole blocks, are refused`() {
        #expect(throws: CryptoError.self) { try AESCBC.open(sealed, key: vector, vector: vector) }
        #expect(throws: CryptoError.self) { try AESCBC.open(Array(sealed.dropLast()), key: key, vector: vector) }
        #expect(throws: CryptoError.self) { try AESCBC.open([], key: key, vector: vector) }
        #expect(throws: CryptoError.self) { try AESCBC.open(sealed, key: [1], vector: vector) }
    }
}
