import Bytes
import Testing

struct ByteCopyTests {
    private typealias Copy = (UnsafeRawPointer, Int, UnsafeMutableRawPointer) -> Bool

    /// The copy, whether it is said to be safe; and that nothing behind it was touched.
    private func copied(_ text: [UInt8], _ copy: Copy) -> (bytes: [UInt8], isSafe: Bool) {
        var memory = [UInt8](repeating: 0xa5, count: text.count + 32)
        let isSafe = text.withUnsafeBytes { text in
            memory.withUnsafeMutableBytes { memory in
                guard let from = text.baseAddress, let to = memory.baseAddress else { return true }
                return copy(from, text.count, to)
            }
        }
        #expect(memory[text.count...].allSatisfy { $0 == 0xa5 })
        return (Array(memory[..<text.count]), isSafe)
    }

    @Test func `Texts of every length are copied whole and alone`() {
        for length in 1...130 {
            let text = (0..<length).map { UInt8($0 + 33) }
            let copy = copied(text) { text, count, memory in
                ByteCopy.copy(text, count: count, to: memory)
                return true
            }
            #expect(copy.bytes == text)
        }
    }

    @Test func `A byte that must be escaped is seen wherever it stands, and no other is taken for one`() {
        let special = Array("\"#%'<>[\\]^`{|}~".utf8)
        for length in [1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 31, 33, 64, 100] {
            for place in Set([0, length / 2, length - 1]) {
                for byte in UInt8.min...UInt8.max {
                    var text = [UInt8](repeating: UInt8(ascii: "a"), count: length)
                    text[place] = byte
                    let isStandard = byte > 0x20 && byte < 0x7f && !special.contains(byte)
                    let isJSON = byte >= 0x20 && byte < 0x7f && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
                    let json = copied(text) { ByteCopy.copyJSONSafe($0, count: $1, to: $2) }
                    let standard = copied(text) { ByteCopy.copyStandardLogSafe($0, count: $1, to: $2) }
                    let address = copied(text) { ByteCopy.copyStandardLogSafe(address: $0, count: $1, to: $2) }
                    #expect(json.bytes == text && standard.bytes == text && address.bytes == text)
                    #expect(json.isSafe == isJSON, "\(byte) at \(place) of \(length)")
                    #expect(standard.isSafe == isStandard, "\(byte) at \(place) of \(length)")
                    #expect(address.isSafe == (isStandard || byte == UInt8(ascii: "%")))
                }
            }
        }
    }

    @Test func `Equal is equal at every length, and one bit is a difference`() {
        for length in 0...100 {
            let first = (0..<length).map { UInt8($0) } + [1]
            let second = first.dropLast() + [2]
            first.withUnsafeBytes { first in
                Array(second).withUnsafeBytes { second in
                    guard let first = first.baseAddress, let second = second.baseAddress else { return }
                    #expect(ByteSearch.equal(first, second, count: length))
                    #expect(!ByteSearch.equal(first, second, count: length + 1))
                }
            }
            for place in 0..<length {
                var other = first
                other[place] ^= 0x40
                #expect(
                    !first.withUnsafeBytes { a in
                        other.withUnsafeBytes { b in ByteSearch.equal(a.baseAddress!, b.baseAddress!, count: length) }
                    })
            }
        }
    }

    @Test func `Lines are found by how they begin, in any case, but for the first`() {
        let word = UnsafeRawPointer(("content-" as StaticString).utf8Start).loadUnaligned(as: UInt64.self)
        let text = Array(
            "content-first: 1\r\nX: content-\r\nConTent-Type: a\r\ncontent: none\r\ncontent-length: 1\r\ncontent-".utf8)
        text.withUnsafeBytes { bytes in
            let first = ByteSearch.nextLine(beginning: word, in: bytes, from: 0)
            #expect(first == 31)
            let second = ByteSearch.nextLine(beginning: word, in: bytes, from: 31)
            #expect(second == 63)
            #expect(ByteSearch.nextLine(beginning: word, in: bytes, from: 63) == nil)
            #expect(ByteSearch.nextLine(beginning: word, in: bytes, from: text.count) == nil)
        }
    }
}

struct DecimalDigitsTests {
    private func text(_ digits: DecimalDigits) -> String {
        withUnsafeBytes(of: digits.text) { String(decoding: $0[..<digits.count], as: UTF8.self) }
    }

    @Test func `Every number of four digits, and of three with its zeros`() {
        for value in UInt32(0)..<10_000 {
            #expect(text(DecimalDigits(brief: value)) == "\(value)")
            #expect(text(DecimalDigits(short: value)) == "\(value)")
        }
        for value in UInt32(0)..<1_000 {
            let digits = DecimalDigits(three: value)
            #expect(text(digits) == String("\(1_000 + value)".dropFirst()) && digits.text >> 24 == 0)
        }
    }

    @Test func `Numbers of up to eight digits, with and without leading zeros`() {
        var value: UInt32 = 1
        var values: [UInt32] = [
            0, 9_999, 10_000, 99_999, 100_000, 999_999, 1_000_000, 9_999_999, 10_000_000, 99_999_999,
        ]
        for _ in 0..<20_000 {
            value = value &* 1_664_525 &+ 1_013_904_223
            values.append(value % 100_000_000)
        }
        for value in values {
            #expect(text(DecimalDigits(short: value)) == "\(value)")
            #expect(text(DecimalDigits(eight: value)) == String("\(100_000_000 + value)".dropFirst()))
        }
    }
}
