import Bytes
import HTTPWire
import Testing

struct MultipartRangesTests {
    private func planned(_ ranges: [Range<Int>], of length: Int, type: String = "video/mp4") -> MultipartRanges? {
        Array(type.utf8).withUnsafeBytes { type in
            MultipartRanges(
                ranges.map { ByteRange(start: $0.lowerBound, count: $0.count) }, completeLength: length,
                contentType: type, seed: (1, 2))
        }
    }

    private func body(_ plan: MultipartRanges, of object: [UInt8]) -> String {
        var buffer = GrowableBuffer()
        for index in plan.ranges.indices {
            plan.writeStart(ofPart: index, to: &buffer)
            buffer.append(Array(object[plan.ranges[index].start..<plan.ranges[index].end]))
        }
        plan.writeEnd(to: &buffer)
        return String(decoding: buffer.readable, as: UTF8.self)
    }

    @Test func `a body has its parts between boundaries, each with its type and place`() throws {
        let object = Array(String(repeating: "0123456789", count: 100).utf8)
        let plan = try #require(planned([0..<2, 995..<1000], of: 1000))
        var writer = HeadWriter()
        plan.writeContentType(to: &writer)
        let field = String(decoding: writer.buffer.readable, as: UTF8.self)
        let boundary = try #require(field.split(separator: "boundary=").last).prefix { !$0.isNewline }
        #expect(field == "Content-Type: multipart/byteranges; boundary=\(boundary)\r\n")
        #expect(
            body(plan, of: object) == """
                --\(boundary)\r\nContent-Type: video/mp4\r\nContent-Range: bytes 0-1/1000\r\n\r\n01\r\n\
                --\(boundary)\r\nContent-Type: video/mp4\r\nContent-Range: bytes 995-999/1000\r\n\r\n56789\r\n\
                --\(boundary)--\r\n
                """)
    }

    @Test(arguments: [[0..<2, 500..<900], [999..<1000, 0..<1], [0..<100, 200..<300, 400..<401]])
    func `the length is known before the first byte`(ranges: [Range<Int>]) throws {
        let plan = try #require(planned(ranges, of: 1000))
        #expect(body(plan, of: [UInt8](repeating: 0x61, count: 1000)).utf8.count == plan.bodyLength)
    }

    @Test func `a body that would be no shorter than the object is not made`() {
        #expect(planned([0..<1, 2..<3], of: 100) == nil)
        #expect(planned([0..<499, 500..<1000], of: 1000) == nil)
        #expect(planned([0..<1, 2..<3], of: 1000) != nil)
    }

    @Test func `an object without a type has parts without one`() throws {
        let plan = try #require(planned([0..<1, 5..<6], of: 1000, type: ""))
        #expect(!body(plan, of: [UInt8](repeating: 0x61, count: 1000)).contains("Content-Type"))
        #expect(plan.bodyLength == body(plan, of: [UInt8](repeating: 0x61, count: 1000)).utf8.count)
    }
}
