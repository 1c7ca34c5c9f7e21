import Crypto
import Testing

private func hex(_ bytes: [UInt8]) -> String {
    bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
}

@Suite struct DigestTests {
    private let abc = Array("abc".utf8)

    @Test func `the standard vectors of the three hash functions hold`() {
        #expect(hex(Digest.md5(abc)) == "900150983cd24fb0d6963f7d28e17f72")
        #expect(hex(Digest.sha1(abc)) == "a9993e364706816aba3e25717850c26c9cd0d89d")
        #expect(hex(Digest.sha256(abc)) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(hex(Digest.sha256([])) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    }

    @Test(arguments: DigestAlgorithm.allCases)
    func `a digest fed in pieces equals the one-shot digest, and starts afresh afterwards`(
        _ algorithm: DigestAlgorithm
    ) {
        let message = (0..<1000).map { UInt8(truncatingIfNeeded: $0) }
        let streaming = StreamingDigest(algorithm)
        streaming.update(Array(message[..<333]))
        streaming.update([])
        streaming.update(Array(message[333...]))
        let whole = Digest.hash(message, algorithm)
        #expect(whole.count == algorithm.byteCount)
        #expect(streaming.finish() == whole)
        streaming.update(message)
        #expect(streaming.finish() == whole)
    }

    @Test func `HMAC agrees with RFC 4231 and RFC 2202`() {
        let key = Array("Jefe".utf8)
        let message = Array("what do ya want for nothing?".utf8)
        #expect(
            hex(HMAC.sha256(key: key, message: message))
                == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
        #expect(hex(HMAC.sha1(key: key, message: message)) == "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79")
        let longKey = [UInt8](repeating: 0xaa, count: 131)
        #expect(
            hex(
                HMAC.sha256(key: longKey, message: Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8))
            )
                == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")
    }

    @Test func `an empty key is a key of its own and not the key of the call before`() {
        _ = HMAC.sha256(key: Array("another".utf8), message: [])
        #expect(
            hex(HMAC.sha256(key: [], message: []))
                == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad")
    }

    @Test func `constant-time comparison answers like ordinary comparison`() {
        #expect(constantTimeEqual([], []))
        #expect(constantTimeEqual([1, 2, 3], [1, 2, 3]))
        #expect(!constantTimeEqual([1, 2, 3], [1, 2, 4]))
        #expect(!constantTimeEqual([1, 2, 3], [1, 2]))
        #expect(constantTimeEqual("token", "token"))
        #expect(!constantTimeEqual("token", "Token"))
    }

    @Test func `random names have the asked length and alphabet and do not repeat`() {
        let name = SecureRandom.alphanumeric(40)
        #expect(name.utf8.count == 40)
        #expect(name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) })
        #expect(SecureRandom.hex(16).utf8.count == 32)
        #expect(SecureRandom.digits(6).allSatisfy { $0.isASCII && $0.isNumber })
        #expect(SecureRandom.bytes(32) != SecureRandom.bytes(32))
        #expect(SecureRandom.bytes(0).isEmpty)
    }
}
