internal import Catalog
internal import HTTPWire

/// `If-None-Match: *` and `If-Match` of a PUT: write only what is not there, or only over what the client knows.
struct WriteConditions: Sendable {
    private let noneMatch: String?
    private let match: String?

    init(_ headers: Headers) {
        noneMatch = headers.joined("if-none-match")
        match = headers.joined("if-match")
    }

    var isConditional: Bool { noneMatch != nil || match != nil }

    func check(_ existing: StoredObject?) throws(S3Error) {
        if let noneMatch {
            guard noneMatch == "*" else { throw .notImplemented("If-None-Match other than '*' on a PUT") }
            guard existing == nil else { throw .preconditionFailed }
        }
        if let match {
            guard let existing else { throw .noSuchKey }
            guard match == "*" || EntityTag(existing.etag)?.isListed(in: match, strongly: true) == true else {
                throw .preconditionFailed
            }
        }
    }
}
