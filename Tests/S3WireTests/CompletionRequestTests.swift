import S3Wire
import Testing

@Suite struct CompletionRequestTests {
    private func read(_ parts: String) throws(CompletionRequest.Failure) -> CompletionRequest {
        try CompletionRequest(
            Array("<CompleteMultipartUpload>\(parts)</CompleteMultipartUpload>".utf8), maximumParts: 3)
    }

    private func part(_ number: String, _ tag: String = "a", _ more: String = "") -> String {
        "<Part>\(more)<ETag>\(tag)</ETag><PartNumber>\(number)</PartNumber></Part>"
    }

    @Test func `tags come with quotes and without, children in any order, checksums by their names`() throws {
        let request = try read(
            part("1", "&#34;a&#34;", "<ChecksumCRC32> AAAA </ChecksumCRC32><Other/>") + part(" 3 ", " b "))
        #expect(request.parts.map(\.number) == [1, 3])
        #expect(request.parts.map(\.etag) == ["a", "b"])
        #expect(request.parts.map(\.checksums) == [["ChecksumCRC32": "AAAA"], [:]])
    }

    @Test(arguments: ["0", "4", "x", "", "-1", "18446744073709551616"])
    func `what is no number of a part is refused`(_ number: String) {
        #expect(throws: CompletionRequest.Failure.partNumber) { try read(part(number)) }
    }

    @Test func `parts ascend, and there are some but not too many`() {
        #expect(throws: CompletionRequest.Failure.partOrder) { try read(part("2") + part("1")) }
        #expect(throws: CompletionRequest.Failure.partOrder) { try read(part("2") + part("2")) }
        #expect(throws: CompletionRequest.Failure.tooManyParts) {
            try read((1...4).map { part("\($0)") }.joined())
        }
    }

    @Test(arguments: ["", "<Part/>", "<Part><ETag>a</ETag></Part>", "<Part><PartNumber>1</PartNumber></Part>", "<"])
    func `what is no list of parts is malformed`(_ parts: String) {
        #expect { try read(parts) } throws: { error in
            guard case .malformed = error as? CompletionRequest.Failure else { return false }
            return true
        }
    }
}
