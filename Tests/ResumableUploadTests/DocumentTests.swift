import JSON
import Testing

@testable import ResumableUpload

@Suite struct DocumentTests {
    private static let answer: JSONValue = [
        "videoId": "abc", "method": "PUT", "url": "http://s3/whole", "headers": ["Content-Type": "video/mp4"],
        "multipart": [
            "uploadId": "u", "partSize": 10, "completeUrl": "http://s3/complete",
            "parts": [
                ["partNumber": 1, "url": "http://s3/1", "size": 10, "etag": "\"0cc1\""],
                ["partNumber": 2, "url": "http://s3/2"],
            ],
        ],
    ]

    @Test func `an answer says where the parts go and which have come`() throws {
        let slot = try UploadSlot(json: Self.answer)
        #expect(slot.videoId == "abc" && slot.headers == ["Content-Type": "video/mp4"])
        #expect(slot.multipart?.parts.map(\.storedMD5) == ["0cc1", nil])
        #expect(try slot.ranges(ofSize: 20) == [0..<10, 10..<20])
        #expect(try slot.ranges(ofSize: 11) == [0..<10, 10..<11])
        #expect(throws: UploadSlot.Incomplete.self) { try slot.ranges(ofSize: 21) }
        var endless = slot
        endless.multipart?.partBytes = .max
        #expect(throws: UploadSlot.Incomplete.self) { try endless.ranges(ofSize: Int64.max - 1) }
        endless.multipart?.parts.removeLast()
        #expect(try endless.ranges(ofSize: Int64.max - 1) == [0..<Int64.max - 1])
        var small = slot
        small.multipart = nil
        #expect(try small.ranges(ofSize: 21) == [0..<21])
    }

    @Test(
        arguments: [
            [:], ["videoId": "abc"],
            ["videoId": "a", "url": "u", "multipart": [:]],
            ["videoId": "a", "url": "u", "multipart": ["partSize": 0, "completeUrl": "c", "parts": []]],
            [
                "videoId": "a", "url": "u",
                "multipart": ["partSize": 1, "completeUrl": "c", "parts": [["partNumber": 2, "url": "u"]]],
            ],
        ] as [JSONValue])
    func `an answer that lacks something is said to`(answer: JSONValue) {
        #expect(throws: UploadSlot.Incomplete.self) { try UploadSlot(json: answer) }
    }

    private static let record = UploadRecord(
        origin: "http://origin", videoId: "abc23",
        file: FileIdentity(path: "/a/b.mp4", size: 7, modifiedNanoseconds: 8, digest: "d"))

    @Test func `a record is read as it was written`() {
        #expect(UploadRecord(json: Self.record.json) == Self.record)
    }

    @Test(arguments: ["version", "origin", "videoId", "file", "size", "modifiedNanoseconds", "digest"])
    func `a record that lacks something is none`(name: String) {
        var object = Self.record.json.object ?? [:]
        object[name] = nil
        #expect(UploadRecord(json: .object(object)) == nil)
    }

    @Test(arguments: ["", "../x", "a/b", "A", "a?b", "%2e", String(repeating: "a", count: 65)])
    func `what is no video id leads nowhere else`(id: String) {
        var object = Self.record.json.object ?? [:]
        object["videoId"] = .string(id)
        #expect(UploadRecord(json: .object(object)) == nil)
    }

    @Test(arguments: [
        (403, "<Error><Code>AccessDenied</Code></Error>", Transfer.Failure.Kind.passing),
        (400, "<Error><Code>BadDigest</Code></Error>", .passing), (503, "", .passing), (500, "<Code>", .passing),
        (400, "<Error><Code>EntityTooLarge</Code></Error>", .lasting), (507, "full", .lasting), (301, "", .lasting),
    ])
    func `a refusal passes or lasts`(status: Int, body: String, kind: Transfer.Failure.Kind) {
        #expect(S3Refusal(body).failure(status: status, at: "s3").kind == kind)
    }

    @Test func `a refusal is told with its code and its sentence`() {
        let refusal = S3Refusal("<?xml?><Error><Code>NoSuchUpload</Code><Message>It is <b>over</Message></Error>")
        #expect(refusal.failure(status: 404, at: "s3").reason == "s3 answered 404 (NoSuchUpload: It is <b>over)")
        #expect(S3Refusal("</Code><Code>x").failure(status: 500, at: "s3").reason == "s3 answered 500")
    }

    @Test func `the completion names all parts in order`() {
        #expect(
            CompletionDocument.text(md5s: ["a", "b"])
                == "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>\"a\"</ETag></Part>"
                + "<Part><PartNumber>2</PartNumber><ETag>\"b\"</ETag></Part></CompleteMultipartUpload>")
    }
}
