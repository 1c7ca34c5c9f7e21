import Bytes
import Testing

struct EncodingTests {
    @Test func `hex reads either case and writes lower`() {
        #expect(Hex.encode([0x00, 0xab, 0xff]) == "00abff")
        #expect(Hex.decode("00aBFf") == [0x00, 0xab, 0xff])
        #expect(Hex.decode("") == [])
    }

    @Test(arguments: ["0", "0g", "0x00", " 00", "٠٠"])
    func `broken hex is refused`(text: String) {
        #expect(Hex.decode(text) == nil)
    }

    @Test(arguments: [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")])
    func `base64 has the vectors of RFC 4648`(plain: String, encoded: String) {
        #expect(Base64.encode(Array(plain.utf8)) == encoded)
        #expect(Base64.decode(encoded) == Array(plain.utf8))
    }

    @Test func `each alphabet has its own letters and padding`() {
        let bytes: [UInt8] = [0xfb, 0xff, 0xfe, 0xff]
        #expect(Base64.encode(bytes) == "+//+/w==")
        #expect(Base64.encode(bytes, alphabet: .url) == "-__-_w")
        #expect(Base64.encode(bytes, alphabet: .url, padding: true) == "-__-_w==")
        #expect(Base64.encode(bytes, alphabet: .cloudFront) == "-~~-~w__")
        #expect(Base64.decode("-~~-~w__", alphabet: .cloudFront) == bytes)
        #expect(Base64.decode("-__-_w", alphabet: .url) == bytes)
    }

    @Test(arguments: ["Zg", "Zg=", "Zg===", "Zh==", "Z", "Zm9v\n", "Zm 9v", "=Zm9v", "Zm9v====", "Zm9-"])
    func `base64 that encode would not write is refused`(text: String) {
        #expect(Base64.decode(text) == nil)
    }

    @Test func `every byte string survives base64 in every alphabet`() {
        for length in 0..<70 {
            let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ length) }
            for alphabet in [Base64.Alphabet.standard, .url, .cloudFront] {
                for padding in [true, false] {
                    let text = Base64.encode(bytes, alphabet: alphabet, padding: padding)
                    #expect(Base64.decode(text, alphabet: alphabet, padding: padding) == bytes)
                }
            }
        }
    }

    @Test(arguments: [
        ("", ""), ("f", "MY======"), ("fo", "MZXQ===="), ("foo", "MZXW6==="), ("foob", "MZXW6YQ="),
        ("fooba", "MZXW6YTB"), ("foobar", "MZXW6YTBOI======"),
    ])
    func `base32 has the vectors of RFC 4648`(plain: String, encoded: String) {
        #expect(Base32.encode(plain.utf8, padding: true) == encoded)
        #expect(Base32.decode(encoded) == Array(plain.utf8))
        #expect(Base32.decode(Base32.encode(plain.utf8).lowercased()) == Array(plain.utf8))
    }

    @Test(arguments: ["M", "MZ", "MZXW6=", "M1======", "MZ======", "MY=====A", "MY=======", "MZX"])
    func `broken base32 is refused`(text: String) {
        #expect(Base32.decode(text) == nil)
    }

    @Test func `percent-encoding keeps what its place allows`() {
        #expect(PercentEncoding.encode("a b/ü~") == "a%20b%2F%C3%BC~")
        #expect(PercentEncoding.encode("a b/ü~", allowed: .path) == "a%20b/%C3%BC~")
    }

    @Test func `percent-decoding resolves once`() {
        #expect(PercentEncoding.decode("%252e%2F+%c3%bc") == "%2e/+ü")
        #expect(PercentEncoding.decode("%00".utf8) == [0])
    }

    @Test(arguments: ["%", "%2", "%2g", "%zz", "a%"])
    func `broken percent-encoding is refused`(text: String) {
        #expect(PercentEncoding.decode(text) == nil)
    }

    @Test func `percent-decoded text must be UTF-8`() {
        #expect(PercentEncoding.decode("%c0%ae") == nil)
        #expect(PercentEncoding.decode("%ff") == nil)
    }
}
