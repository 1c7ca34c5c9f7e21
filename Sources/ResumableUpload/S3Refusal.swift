/// What an S3 listener says in the body of a refusal.
public struct S3Refusal: Sendable, Equatable {
    /// S3's name of it, such as `BadDigest`; empty when the body has none.
    public var code: String
    /// S3's sentence; empty when the body has none.
    public var message: String

    /// Codes of a refused body that may pass unharmed the next time.
    private static let passing: Set<String> = ["BadDigest", "IncompleteBody", "RequestTimeout"]

    /// Looks for code and message; whatever else the body is does not matter.
    public init(_ body: String) {
        code = Self.text(of: "Code", in: body)
        message = Self.text(of: "Message", in: body)
    }

    /// What an answer of `status` from `place` means for the upload.
    public func failure(status: Int, at place: String) -> Transfer.Failure {
        let said = [code, message].filter { !$0.isEmpty }.joined(separator: ": ")
        // 403 and 404: a URL has lapsed or the upload is over, which a question to the origin tells.
        let isPassing = [403, 404, 408, 429, 500, 502, 503, 504].contains(status) || Self.passing.contains(code)
        return Transfer.Failure(
            isPassing ? .passing : .lasting, "\(place) answered \(status)\(said.isEmpty ? "" : " (\(said))")")
    }

    private static func text(of element: String, in body: String) -> String {
        let bytes = Array(body.utf8)
        guard let start = bytes.firstRange(of: Array("<\(element)>".utf8))?.upperBound,
            let end = bytes[start...].firstRange(of: Array("</\(element)>".utf8))?.lowerBound
        else { return "" }
        return String(decoding: bytes[start..<end], as: UTF8.self)
    }
}
