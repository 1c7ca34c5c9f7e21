import Bytes
import Testing

struct ByteSearchTests {
    /// A search for bytes of a kind, and the kind in words of its own.
    struct Kind: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let isFound: @Sendable (UnsafeRawBufferPointer) -> Bool
        let contains: @Sendable (UInt8) -> Bool

        static let all = [
            Kind(testDescription: "control characters", isFound: ByteSearch.hasControl) {
                $0 < 0x20 && $0 != 0x09 || $0 == 0x7f
            },
            Kind(testDescription: "what JSON escapes", isFound: ByteSearch.hasJSONEscapable) {
                $0 < 0x20 || $0 == 0x7f || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\")
            },
            Kind(testDescription: "what JSON escapes, or a space", isFound: ByteSearch.hasBlankOrJSONEscapable) {
                $0 <= 0x20 || $0 == 0x7f || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\")
            },
            Kind(testDescription: "what no target holds", isFound: ByteSearch.hasNoTarget) {
                !(0x21...0x7e ~= $0) || $0 == UInt8(ascii: "#")
            },
            Kind(testDescription: "what no host holds", isFound: ByteSearch.hasNoHost) {
                !ASCII.isLetter($0) && !ASCII.isDigit($0) && !"-._~".utf8.contains($0)
            },
            Kind(testDescription: "what a path holds only escaped", isFound: ByteSearch.hasNoPlainPath) {
                !(0x21...0x7e ~= $0) || "%\\?#\"<>^`{|}".utf8.contains($0)
            },
        ]
    }

    @Test(arguments: Kind.all)
    func `a byte is found in text of every length and at every place`(_ kind: Kind) {
        for count in [0...40, 126...131, 158...162].joined() {
            let harmless = [UInt8](repeating: UInt8(ascii: "a"), count: count)
            #expect(!harmless.withUnsafeBytes(kind.isFound))
            for position in 0..<count {
                let wrong = (UInt8.min...UInt8.max).filter { byte in
                    var text = harmless
                    text[position] = byte
                    return text.withUnsafeBytes(kind.isFound) != kind.contains(byte)
                }
                #expect(wrong.isEmpty)
            }
        }
    }

    @Test func `a slash before a slash or a dot is found at every place`() {
        for count in 0...40 {
            let plain = (0..<count).map { UInt8(ascii: $0 % 2 == 0 ? "/" : "a") }
            #expect(!plain.withUnsafeBytes { ByteSearch.hasSlashBeforeSlashOrDot($0) })
            for position in 0..<count {
                let wrong = (UInt8.min...UInt8.max).filter { byte in
                    var path = plain
                    path[position] = byte
                    let isThere = zip(path, path.dropFirst()).contains { first, second in
                        first == UInt8(ascii: "/") && (second == UInt8(ascii: "/") || second == UInt8(ascii: "."))
                    }
                    return path.withUnsafeBytes { ByteSearch.hasSlashBeforeSlashOrDot($0) } != isThere
                }
                #expect(wrong.isEmpty)
            }
        }
    }
}
