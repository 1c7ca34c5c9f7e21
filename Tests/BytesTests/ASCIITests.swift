import Bytes
import Testing

struct ASCIITests {
    @Test func `case is folded for ASCII letters only`() {
        #expect(ASCII.equalsIgnoringCase("Content-LENGTH", "content-length"))
        #expect(!ASCII.equalsIgnoringCase("Ü", "ü"))
        #expect(!ASCII.equalsIgnoringCase("a[", "a{"))
        #expect(!ASCII.equalsIgnoringCase("@", "`"))
        #expect(ASCII.lowercased("AbÜ-[Z") == "abÜ-[z")
    }

    @Test func `a name is 1 to 64 letters, digits, '-', '_' and '.'`() {
        let allowed = (UInt8.min...UInt8.max).filter { ASCII.isName(String(decoding: [$0], as: UTF8.self)) }
        #expect(allowed == Array("-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz".utf8))
        #expect(!ASCII.isName("") && !ASCII.isName("a b") && !ASCII.isName("ä"))
        #expect(ASCII.isName(String(repeating: "a", count: 64)) && !ASCII.isName(String(repeating: "a", count: 65)))
        #expect(ASCII.isName("abcdefgh", of: 8...9) && !ASCII.isName("abcdefg", of: 8...9))
    }

    @Test(arguments: [("0", UInt64(0)), ("007", 7), ("18446744073709551615", .max)])
    func `decimals are read`(text: String, value: UInt64) {
        #expect(ASCII.parseDecimal(text) == value)
    }

    @Test(arguments: [
        "", "+1", "-1", " 1", "1 ", "0x10", "1_0", "٣", "18446744073709551616", "99999999999999999999999",
    ])
    func `anything but digits that fit is refused`(text: String) {
        #expect(ASCII.parseDecimal(text) == nil)
    }

    @Test func `only spaces and tabs are trimmed`() {
        #expect(ASCII.trimmed(" \t a b\t ") == "a b")
        #expect(ASCII.trimmed("\na") == "\na")
        #expect(ASCII.trimmed(" \t") == "")
    }

    @Test func `search finds bytes and patterns from an offset`() {
        let bytes = Array("one\r\ntwo\r\n".utf8)
        bytes.withUnsafeBytes { bytes in
            #expect(ByteSearch.firstIndex(of: 0x0d, in: bytes) == 3)
            #expect(ByteSearch.firstIndex(of: 0x0d, in: bytes, from: 4) == 8)
            #expect(ByteSearch.firstIndex(of: 0x0d, in: bytes, from: 10) == nil)
            Array("\r\nt".utf8).withUnsafeBytes { pattern in
                #expect(ByteSearch.firstIndex(of: pattern, in: bytes) == 3)
                #expect(ByteSearch.firstIndex(of: pattern, in: bytes, from: 4) == nil)
            }
        }
        let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
        #expect(ByteSearch.firstIndex(of: 0, in: nothing) == nil)
        #expect(ByteSearch.equal(nothing, ""))
    }

    @Test func `a slice names its bytes`() {
        let bytes = Array("GET /a HTTP".utf8)
        let slice = ByteSlice(from: 4, to: 6)
        bytes.withUnsafeBytes {
            #expect(slice.string(in: $0) == "/a")
            #expect(ByteSearch.equal(slice.bytes(in: $0), "/a"))
        }
        #expect(slice.end == 6)
        #expect(!slice.isEmpty)
        #expect(ByteSlice.empty.isEmpty)
    }

    @Test(arguments: 0...40)
    func `names of every length become lower case where they stand`(_ count: Int) {
        var text = (0..<count).map { Array("AZ@[az-_Ü0".utf8)[$0 % 11] }
        let expected = text.map(ASCII.lowercased)
        text.withUnsafeMutableBytes { ASCII.lowercase($0) }
        #expect(text == expected)
    }

    @Test(arguments: 0...40)
    func `case is folded in names of every length, and nothing else is`(_ count: Int) {
        let letters = (0..<count).map { UInt8(ascii: "a") + UInt8($0 % 26) }
        #expect(letters.withUnsafeBytes { name in letters.withUnsafeBytes { ASCII.equalsIgnoringCase(name, $0) } })
        for position in 0..<count {
            let equal = (UInt8.min...UInt8.max).filter { byte in
                var other = letters
                other[position] = byte
                return letters.withUnsafeBytes { name in
                    other.withUnsafeBytes { ASCII.equalsIgnoringCase(name, $0) }
                }
            }
            #expect(equal == [letters[position] - 0x20, letters[position]])
        }
    }
}
