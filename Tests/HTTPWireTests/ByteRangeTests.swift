import HTTPWire
import Testing

struct ByteRangeTests {
    @Test(arguments: [
        ("bytes=0-0", 0, 1), ("bytes=0-99", 0, 100), ("bytes=10-19", 10, 10), ("bytes=90-", 90, 10),
        ("bytes=-10", 90, 10),
        ("bytes=-1000", 0, 100), ("bytes=99-1000", 99, 1), ("BYTES=0-1", 0, 2), ("bytes= 0-1 ", 0, 2),
        ("bytes=007-8", 7, 2),
        ("bytes=0-99999999999999999999999", 0, 100), ("bytes=-99999999999999999999999", 0, 100), ("bytes=,0-1,", 0, 2),
        ("bytes=5-6,200-", 5, 2),
    ])
    func `one range is resolved`(value: String, start: Int, count: Int) {
        #expect(ByteRangeRequest.resolve(value, length: 100) == .single(ByteRange(start: start, count: count)))
    }

    @Test(arguments: [
        "", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=1-0", "bytes=0-1-2", "bytes=+1-2", "bytes=--1",
        "items=0-1",
        "bytes 0-1", "bytes=0 - 1", "bytes=0x0-1", "bytes=,", "bytes=0-1;5-6", "bytes=0-1,x",
    ])
    func `what is no range is ignored`(value: String) {
        #expect(ByteRangeRequest.resolve(value, length: 100) == .whole)
    }

    @Test(arguments: ["bytes=100-", "bytes=100-200", "bytes=-0", "bytes=99999999999999999999999-", "bytes=100-,200-"])
    func `what lies outside is unsatisfiable`(value: String) {
        #expect(ByteRangeRequest.resolve(value, length: 100) == .unsatisfiable)
    }

    @Test func `an empty object satisfies nothing`() {
        #expect(ByteRangeRequest.resolve("bytes=0-", length: 0) == .unsatisfiable)
        #expect(ByteRangeRequest.resolve("bytes=-1", length: 0) == .unsatisfiable)
        #expect(ByteRangeRequest.resolve(nil as String?, length: 0) == .whole)
    }

    @Test func `several ranges are served in the order they were asked for`() {
        let expected = [ByteRange(start: 90, count: 10), ByteRange(start: 0, count: 2), ByteRange(start: 5, count: 1)]
        #expect(ByteRangeRequest.resolve("bytes=-10, 0-1, 5-5", length: 100) == .several(expected))
    }

    @Test(arguments: [
        ("bytes=0-50,25-75", [0..<76]), ("bytes=0-,0-", [0..<100]), ("bytes=0-99,-1", [0..<100]),
        ("bytes=0-9,10-19", [0..<20]), ("bytes=0-9,20-29,5-24", [0..<30]),
        ("bytes=0-9,20-29,25-25", [0..<10, 20..<30]),
        ("bytes=80-,0-9,5-14", [80..<100, 0..<15]), ("bytes=0-9,50-59,30-39,8-31", [0..<40, 50..<60]),
    ])
    func `ranges that overlap or touch become one, in the place of the first`(value: String, expected: [Range<Int>]) {
        let ranges = expected.map { ByteRange(start: $0.lowerBound, count: $0.count) }
        let outcome = ByteRangeRequest.resolve(value, length: 100)
        #expect(outcome == (ranges.count == 1 ? .single(ranges[0]) : .several(ranges)))
    }

    @Test func `a thousand ranges get the whole object once`() {
        let value = "bytes=" + (0..<1000).map { "\($0 * 2)-\($0 * 2)" }.joined(separator: ",")
        #expect(ByteRangeRequest.resolve(value, length: 10_000) == .whole)
        let sixteen = "bytes=" + (0..<16).map { "\($0 * 2)-\($0 * 2)" }.joined(separator: ",")
        guard case .several(let ranges) = ByteRangeRequest.resolve(sixteen, length: 100) else {
            Issue.record("sixteen ranges are served")
            return
        }
        #expect(ranges.count == 16)
        #expect(ByteRangeRequest.resolve(sixteen, length: 100, maximumRanges: 15) == .whole)
    }

    @Test func `content ranges read back`() {
        let part = ContentRange.part(ByteRange(start: 5, count: 10), completeLength: 100)
        #expect(part.fieldValue == "bytes 5-14/100")
        #expect(ContentRange("bytes 5-14/100") == part)
        #expect(ContentRange("bytes 5-14/*") == .part(ByteRange(start: 5, count: 10), completeLength: nil))
        #expect(ContentRange("bytes */100") == .unsatisfied(completeLength: 100))
        #expect(ContentRange.unsatisfied(completeLength: 0).fieldValue == "bytes */0")
    }

    @Test(arguments: [
        "", "bytes", "bytes 5-4/100", "bytes 0-100/100", "bytes */*", "bytes 0-1", "bytes a-b/c", "items 0-1/2",
        "bytes 0-/5",
        "bytes 0-9223372036854775807/*", "bytes -1-2/5", "bytes 0-1/2/3", "bytes=0-1/2",
    ])
    func `a content range that is none is refused`(value: String) {
        #expect(ContentRange(value) == nil)
    }
}
