import Bytes
import HTTPWire
import Testing

@testable import Edge

/// Conditions and ranges against a representation with a strong tag, changed on 6 November 1994, 1,000 bytes long.
@Suite struct ConditionalRequestTests {
    private static let changed: Int64 = 784_111_777
    private static let then = "Sun, 06 Nov 1994 08:49:37 GMT"
    private static let before = "Sun, 06 Nov 1994 08:49:36 GMT"
    private static let after = "Sun, 06 Nov 1994 08:49:38 GMT"

    private func plan(
        _ lines: String, method: HTTPMethod = .get, status: Int = 200, etag: String = "\"v1\"",
        lastModified: Int64? = changed, bornAt: Int64 = changed + 60, length: Int? = 1000
    ) -> ResponsePlan {
        let head = Array("\(method) / HTTP/1.1\r\nHost: x\r\n\(lines)\r\n\r\n".utf8)
        return head.withUnsafeBytes { bytes in
            var parser = RequestHeadParser()
            guard case .complete = parser.parse(bytes) else { preconditionFailure("a test's head is malformed") }
            return Array(etag.utf8).withUnsafeBytes { etag in
                ConditionalRequest(parser.fields, in: bytes, method: method).plan(
                    for: Representation(
                        status: status, etag: etag, lastModified: lastModified, bornAt: bornAt, length: length,
                        fields: .init(start: nil, count: 0)))
            }
        }
    }

    @Test(arguments: [
        ("If-None-Match: \"v1\"", ResponsePlan.notModified), ("If-None-Match: W/\"v1\"", .notModified),
        ("If-None-Match: \"v0\", W/\"v1\"", .notModified), ("If-None-Match: *", .notModified),
        ("If-None-Match: \"v0\"\r\nIf-None-Match: \"v1\"", .notModified), ("If-None-Match: \"v2\"", .whole),
        ("If-None-Match: v1", .whole), ("If-None-Match: \"v1", .whole), ("If-None-Match: \"a,\"v1\"", .whole),
        ("If-None-Match: w/\"v1\"", .whole), ("If-None-Match:", .whole),
    ])
    func `If-None-Match compares weakly, over lists and lines`(lines: String, expected: ResponsePlan) {
        #expect(plan(lines) == expected)
        #expect(plan(lines, method: .head) == expected)
        #expect(plan(lines, etag: "W/\"v1\"") == expected)
    }

    @Test(arguments: [
        ("If-Match: \"v1\"", ResponsePlan.whole), ("If-Match: \"v0\", \"v1\"", .whole), ("If-Match: *", .whole),
        ("If-Match: \"v0\"\r\nIf-Match: \"v1\"", .whole), ("If-Match: \"v0\"", .preconditionFailed),
        ("If-Match: W/\"v1\"", .preconditionFailed), ("If-Match: v1", .preconditionFailed),
        ("If-Match:", .preconditionFailed),
    ])
    func `If-Match compares strongly and fails with 412`(lines: String, expected: ResponsePlan) {
        #expect(plan(lines) == expected)
        #expect(plan(lines, method: .head) == expected)
    }

    @Test func `a weak tag of the representation never satisfies If-Match`() {
        #expect(plan("If-Match: W/\"v1\"", etag: "W/\"v1\"") == .preconditionFailed)
        #expect(plan("If-Match: \"v1\"", etag: "W/\"v1\"") == .preconditionFailed)
        #expect(plan("If-Match: *", etag: "") == .whole)
        #expect(plan("If-Match: \"\"", etag: "") == .preconditionFailed)
    }

    @Test(arguments: [(before, ResponsePlan.whole), (then, .notModified), (after, .notModified), ("never", .whole)])
    func `If-Modified-Since`(date: String, expected: ResponsePlan) {
        #expect(plan("If-Modified-Since: \(date)") == expected)
        #expect(plan("If-Modified-Since: \(date)", method: .head) == expected)
    }

    @Test(arguments: [
        (before, ResponsePlan.preconditionFailed), (then, .whole), (after, .whole), ("never", .whole),
    ])
    func `If-Unmodified-Since`(date: String, expected: ResponsePlan) {
        #expect(plan("If-Unmodified-Since: \(date)") == expected)
        #expect(plan("If-Unmodified-Since: \(date)", lastModified: nil) == .whole)
    }

    @Test func `without a date of change the age of the response counts for If-Modified-Since`() {
        let line = "If-Modified-Since: \(Self.then)"
        #expect(plan(line, lastModified: nil, bornAt: Self.changed) == .notModified)
        #expect(plan(line, lastModified: nil, bornAt: Self.changed + 1) == .whole)
    }

    @Test(arguments: [
        // The order of RFC 9110 §13.2.2: If-Match, else If-Unmodified-Since; If-None-Match, else If-Modified-Since; Range.
        ("If-Match: \"v1\"\r\nIf-Unmodified-Since: \(before)", ResponsePlan.whole),
        ("If-Match: \"v0\"\r\nIf-Unmodified-Since: \(after)", .preconditionFailed),
        ("If-Match: \"v1\"\r\nIf-None-Match: \"v1\"", .notModified),
        ("If-Match: \"v0\"\r\nIf-None-Match: \"v1\"", .preconditionFailed),
        ("If-Unmodified-Since: \(before)\r\nIf-None-Match: \"v1\"", .preconditionFailed),
        ("If-None-Match: \"v2\"\r\nIf-Modified-Since: \(after)", .whole),
        ("If-None-Match: \"v1\"\r\nIf-Modified-Since: \(before)", .notModified),
        ("If-None-Match: \"v1\"\r\nRange: bytes=0-9", .notModified),
        ("If-Match: \"v0\"\r\nRange: bytes=2000-", .preconditionFailed),
        ("If-Match: \"v1\"\r\nIf-None-Match: \"v2\"\r\nIf-Range: \"v1\"\r\nRange: bytes=0-9", .part(0..<10)),
    ])
    func `conditions are looked at in their order`(lines: String, expected: ResponsePlan) {
        #expect(plan(lines) == expected)
    }

    @Test(arguments: [
        ("\"v1\"", true), ("\"v0\"", false), ("W/\"v1\"", false), ("*", false), (then, true), (before, false),
        (after, false), ("never", false), ("\"v1\", \"v0\"", false),
    ])
    func `If-Range lets the range count only for the same bytes`(value: String, applies: Bool) {
        #expect(plan("Range: bytes=0-9\r\nIf-Range: \(value)") == (applies ? .part(0..<10) : .whole))
    }

    @Test func `If-Range with a date within whose second the object was fetched proves nothing`() {
        #expect(plan("Range: bytes=0-9\r\nIf-Range: \(Self.then)", bornAt: Self.changed) == .whole)
        #expect(plan("Range: bytes=0-9\r\nIf-Range: \(Self.then)", bornAt: Self.changed + 1) == .part(0..<10))
        #expect(plan("Range: bytes=0-9\r\nIf-Range: W/\"v1\"", etag: "W/\"v1\"") == .whole)
    }

    @Test func `a line too many makes a field invalid that has one value`() {
        let lines = "Range: bytes=0-9\r\n"
        #expect(plan(lines + lines.dropLast(2)) == .whole)
        #expect(plan(lines + "If-Range: \"v1\"\r\nIf-Range: \"v1\"") == .whole)
        #expect(plan("If-Modified-Since: \(Self.then)\r\nIf-Modified-Since: \(Self.then)") == .whole)
        #expect(plan("If-Unmodified-Since: \(Self.before)\r\nIf-Unmodified-Since: \(Self.before)") == .whole)
    }

    @Test func `a range is of a GET for a 200 of known length`() {
        #expect(plan("Range: bytes=0-9") == .part(0..<10))
        #expect(plan("Range: bytes=0-9", method: .head) == .whole)
        #expect(plan("Range: bytes=0-9", status: 404) == .whole)
        #expect(plan("Range: bytes=0-9", status: 203) == .whole)
        #expect(plan("Range: bytes=0-9", length: nil) == .whole)
        #expect(plan("Range: bytes=1000-") == .unsatisfiable)
        guard case .parts(let parts) = plan("Range: bytes=0-9,500-509") else {
            Issue.record("two ranges are two parts")
            return
        }
        #expect(parts.ranges == [ByteRange(start: 0, count: 10), ByteRange(start: 500, count: 10)])
    }

    @Test func `conditions are about success only`() {
        #expect(plan("If-Match: \"v0\"", status: 404) == .whole)
        #expect(plan("If-None-Match: *", status: 500) == .whole)
    }
}
