import Testing

@testable import HTTP2

@Suite struct FrameScannerTests {
    private static let preface = [UInt8]("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    private func headers(of bytes: [UInt8], cutInto size: Int) -> [FrameHeader] {
        var scanner = FrameScanner()
        var found: [FrameHeader] = []
        for start in stride(from: 0, to: bytes.count, by: size) {
            bytes[start..<min(start + size, bytes.count)].withUnsafeBytes { piece in
                var offset = 0
                while let header = scanner.next(in: piece, from: &offset) { found.append(header) }
            }
        }
        return found
    }

    @Test(arguments: [1, 2, 5, 8, 9, 10, 24, 33, 1_000])
    func `frames are found however the bytes are cut`(size: Int) {
        let bytes =
            Self.preface + [0, 0, 0, 4, 1, 0, 0, 0, 0] + [0, 0, 5, 0, 9, 0x80, 0, 0, 7, 1, 2, 3, 4, 5]
            + [0, 1, 0, 0xfe, 0xff, 0x7f, 0xff, 0xff, 0xff] + [UInt8](repeating: 0, count: 256)
            + [0, 0, 8, 6, 0, 0, 0, 0, 0]
        let expected = [
            FrameHeader(length: 0, type: 4, flags: 1, stream: 0), FrameHeader(length: 5, type: 0, flags: 9, stream: 7),
            FrameHeader(length: 256, type: 0xfe, flags: 0xff, stream: 0x7fff_ffff),
            FrameHeader(length: 8, type: 6, flags: 0, stream: 0),
        ]
        #expect(headers(of: bytes, cutInto: size) == expected)
    }

    @Test func `the preface is known from its first byte on, and nothing else is taken for it`() {
        for count in 0...Self.preface.count {
            #expect(Self.preface.prefix(count).withUnsafeBytes { HTTP2Preface.isPrefix(of: $0) })
        }
        #expect(!Array("PRI * HTTP/1.1\r\n".utf8).withUnsafeBytes { HTTP2Preface.isPrefix(of: $0) })
        #expect(!Array("POST / HTTP/1.1\r\n".utf8).withUnsafeBytes { HTTP2Preface.isPrefix(of: $0) })
        #expect((Self.preface + [0, 0, 0]).withUnsafeBytes { HTTP2Preface.isPrefix(of: $0) })
    }
}
