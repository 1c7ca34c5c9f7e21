import S3Wire
import XML

/// A browser's form must hold the same fields and the same file however its bytes are cut, and the file once.
func fuzzBrowserForm(_ bytes: UnsafeRawBufferPointer) {
    let body = Array(bytes)
    let whole = read(body, pieces: max(body.count, 1))
    for size in [1, 3, 16] {
        let cut = read(body, pieces: size)
        require(cut.isWhole == whole.isWhole, "cutting the bytes changed whether the form is whole")
        guard whole.isWhole else { continue }
        require(cut.fields == whole.fields && cut.file == whole.file, "cutting the bytes changed the form")
    }
    require(whole.file.count <= body.count, "more file than bytes")
    guard whole.isWhole else { return }
    require(whole.files == 1, "a whole form without its file")
    require(Set(whole.fields.map(\.name)).count == whole.fields.count, "a field twice")
}

/// A policy that is read must refuse a form without the fields it asks for, and everything once it has expired.
func fuzzPostPolicy(_ bytes: UnsafeRawBufferPointer) {
    guard let policy = try? PostPolicy(Array(bytes)) else { return }
    require(policy.fileBytes.lowerBound >= 0, "a file of less than no bytes")
    let isExpired = (try? policy.check([:], bucket: "b", nowEpochSeconds: policy.expiresAt)) == nil
    require(isExpired, "a policy that outlives its end")
    let isRefused = (try? policy.check(["acl": "public"], bucket: "b", nowEpochSeconds: policy.expiresAt - 1)) == nil
    require(isRefused || policy.conditions.contains { $0.names("acl") }, "a field without a condition")
}

/// A list of parts ascends within its bounds, and written out again it is the same list.
func fuzzCompletion(_ bytes: UnsafeRawBufferPointer) {
    let maximumParts = 8
    guard let request = try? CompletionRequest(Array(bytes), maximumParts: maximumParts) else { return }
    let numbers = request.parts.map(\.number)
    require((1...maximumParts).contains(numbers.count), "no parts, or too many")
    require(numbers.allSatisfy { (1...maximumParts).contains($0) }, "a number that no part has")
    require(zip(numbers, numbers.dropFirst()).allSatisfy(<), "parts out of order")
    var document = XMLDocument()
    document.element("CompleteMultipartUpload") { document in
        for part in request.parts {
            document.element("Part") { document in
                for (name, value) in part.checksums { document.element(name, value) }
                document.element("ETag", "\"\(part.etag)\"")
                document.element("PartNumber", "\(part.number)")
            }
        }
    }
    let again = try? CompletionRequest(document.bytes, maximumParts: maximumParts)
    require(again == request, "the list reads back differently")
}

private struct Field: Equatable {
    let name: String
    let value: String
}

private struct Form {
    var fields: [Field] = []
    var file: [UInt8] = []
    var files = 0
    var isWhole = false
}

private func read(_ body: [UInt8], pieces size: Int) -> Form {
    var form = Form()
    guard var parser = MultipartFormParser(contentType: "multipart/form-data; boundary=b0") else { return form }
    for start in stride(from: 0, to: body.count, by: size) {
        guard let events = try? parser.parse(Array(body[start..<min(start + size, body.count)])) else { return form }
        for event in events {
            switch event {
            case .field(let name, let value): form.fields.append(Field(name: name, value: value))
            case .file: form.files += 1
            case .data(let piece): form.file += piece
            case .fileEnd: break
            }
        }
    }
    form.isWhole = parser.isFinished
    return form
}

extension PostPolicy.Condition {
    fileprivate func names(_ name: String) -> Bool {
        switch self {
        case .equals(let field, _), .startsWith(let field, _): field == name
        }
    }
}
