import CBOR
import Testing

@Suite struct CBORTests {
    private func reason(_ bytes: [UInt8], _ limits: CBORLimits = CBORLimits()) -> CBORError.Reason? {
        do {
            _ = try CBORValue.parse(bytes, limits: limits)
            return nil
        } catch {
            return error.reason
        }
    }

    @Test func `the examples of RFC 8949 that are canonical are read and written`() throws {
        let examples: [([UInt8], CBORValue)] = [
            ([0x00], .unsigned(0)), ([0x17], .unsigned(23)), ([0x18, 0x18], .unsigned(24)),
            ([0x18, 0xff], .unsigned(255)), ([0x19, 0x03, 0xe8], .unsigned(1000)),
            ([0x1a, 0x00, 0x0f, 0x42, 0x40], .unsigned(1_000_000)),
            ([0x1b] + Array(repeating: 0xff, count: 8), .unsigned(.max)),
            ([0x20], CBORValue(-1)), ([0x38, 0x63], CBORValue(-100)), ([0x39, 0x01, 0x00], CBORValue(-257)),
            ([0x3b] + Array(repeating: 0xff, count: 8), .negative(.max)),
            ([0x44, 1, 2, 3, 4], .bytes([1, 2, 3, 4])), ([0x62, 0xc3, 0xbc], .text("ü")), ([0x60], .text("")),
            ([0xf4], .bool(false)), ([0xf5], .bool(true)), ([0xf6], .null),
            ([0x80], .array([])), ([0x83, 1, 0x82, 2, 3, 0x81, 4], .array([1, .array([2, 3]), .array([4])])),
            ([0xa0], .map(CBORMap())),
            (
                [0xa2, 0x61, 0x61, 1, 0x61, 0x62, 0x82, 2, 3],
                .map(CBORMap([.text("a"): 1, .text("b"): .array([2, 3])]))
            ),
        ]
        for (bytes, value) in examples {
            #expect(try CBORValue.parse(bytes) == value)
            #expect(value.encoded() == bytes)
        }
    }

    @Test func `keys are written by major type, then length, then bytes, whatever the order they came in`() {
        var map = CBORMap()
        for number: Int64 in [-1, 1000, 3, -257, 24, -2] { map[number] = 0 }
        for text in ["attStmt", "fmt", "authData", "a"] { map[text] = 0 }
        let expected: [CBORValue] = [
            3, 24, 1000, CBORValue(-1), CBORValue(-2), CBORValue(-257), .text("a"), .text("fmt"), .text("attStmt"),
            .text("authData"),
        ]
        #expect(CBORValue.map(map).encoded() == [0xaa] + expected.flatMap { $0.encoded() + [0] })
    }

    @Test func `a value is read from the front of more`() throws {
        let bytes: [UInt8] = [9, 0xa1, 1, 2, 7, 7]
        let (value, count) = try CBORValue.parseFirst(bytes[1...])
        #expect(value == .map(CBORMap([.integer(1): 2])) && count == 3)
        #expect(reason(Array(bytes[1...])) == .trailing)
    }

    @Test func `nothing but the canonical form is read`() {
        for bytes: [UInt8] in [
            [0x18, 0x17], [0x19, 0x00, 0xff], [0x1a, 0, 0, 0xff, 0xff], [0x1b, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff],
            [0x58, 1, 0], [0x78, 1, 0x61], [0x98, 1, 0], [0xb8, 0],
        ] { #expect(reason(bytes) == .notShortest, "\(bytes)") }
        for bytes: [UInt8] in [
            [0x1c], [0x1f], [0x5f, 0x41, 0, 0xff], [0x7f, 0xff], [0x9f, 0xff], [0xbf, 0xff], [0xff], [0xc0, 0x60],
            [0xd9, 0xd9, 0xf7, 0], [0xe0], [0xf7], [0xf8, 0x20], [0xf9, 0, 0], [0xfa, 0, 0, 0, 0],
        ] { #expect(reason(bytes) == .unsupported, "\(bytes)") }
        #expect(reason([0x62, 0xc3, 0x28]) == .notText)
        for bytes: [UInt8] in [
            [0xa1, 0x41, 0, 0], [0xa1, 0x80, 0], [0xa1, 0xf6, 0],
            [0xa1, 0x3b] + Array(repeating: 0xff, count: 8) + [0],
        ] {
            #expect(reason(bytes) == .wrongKey, "\(bytes)")
        }
    }

    @Test func `a key comes once, and in its place`() {
        for bytes: [UInt8] in [
            [0xa2, 1, 0, 1, 0], [0xa2, 2, 0, 1, 0], [0xa2, 0x20, 0, 1, 0], [0xa2, 0x61, 0x62, 0, 0x61, 0x61, 0],
            [0xa2, 0x62, 0x61, 0x61, 0, 0x61, 0x62, 0], [0xa2, 0x61, 0x61, 0, 0x61, 0x61, 0],
        ] { #expect(reason(bytes) == .keyOrder, "\(bytes)") }
    }

    @Test func `what is cut anywhere, or promises more than follows, is refused`() {
        var map = CBORMap()
        map["bytes"] = .bytes(Array(repeating: 1, count: 300))
        map[7] = .array([.text("text"), .bool(true), CBORValue(-70_000)])
        let whole = CBORValue.map(map).encoded()
        for length in 0..<whole.count { #expect(reason(Array(whole[..<length])) == .truncated, "\(length)") }
        for bytes: [UInt8] in [
            [0x5b] + Array(repeating: 0xff, count: 8), [0x9b] + Array(repeating: 0xff, count: 8),
            [0xbb] + Array(repeating: 0xff, count: 8), [0x9a, 0x7f, 0xff, 0xff, 0xff, 0], [0xa2, 0, 0],
        ] { #expect(reason(bytes) == .truncated, "\(bytes)") }
    }

    @Test func `depth and size have limits`() {
        #expect(reason([0x81, 0x81, 0x81, 0x81, 0]) == nil)
        #expect(reason([0x81, 0x81, 0x81, 0x81, 0x80]) == .tooDeep)
        #expect(reason(Array(repeating: 0x81, count: 50_000) + [0]) == .tooDeep)
        #expect(reason([0xa1, 0, 0xa1, 0, 0xa1, 0, 0xa1, 0, 0xa0]) == .tooDeep)
        #expect(reason([0x44, 1, 2, 3, 4], CBORLimits(maximumBytes: 5)) == nil)
        #expect(reason([0x44, 1, 2, 3, 4], CBORLimits(maximumBytes: 4)) == .tooLarge)
        #expect(reason([0x82, 1, 2], CBORLimits(maximumBytes: 2)) == .tooLarge)
    }

    @Test func `values are told apart by what they are`() {
        #expect(CBORValue.unsigned(.max).integer == nil && CBORValue.negative(.max).integer == nil)
        #expect(CBORValue(.min).integer == .min && CBORValue(.max).integer == .max)
        #expect(CBORValue.text("a").bytes == nil && CBORValue.bytes([1]).text == nil && CBORValue.null.map == nil)
        #expect(CBORValue.array([.null]).array == [.null] && CBORValue.null.array == nil)
        #expect(CBORMap([.integer(1): .null]).keys == [.integer(1)])
    }
}
