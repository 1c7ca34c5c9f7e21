internal import Bytes
internal import HTTPWire

/// The parameters of a list, version 1 or 2.
struct ObjectListRequest: Sendable {
    let isVersion2: Bool
    let folding: KeyFolding
    let limit: Int
    /// The key or common prefix to start after.
    let after: String
    let token: String?
    let startAfter: String?
    let encodesURLs: Bool
    /// Whether each object says whose it is: in version 2 only when asked.
    let tellsOwner: Bool

    init(_ query: Query) throws(S3Error) {
        let version = query.first("list-type")
        guard version == nil || version == "2" else { throw .invalidArgument("list-type must be 2.") }
        isVersion2 = version != nil
        folding = KeyFolding(prefix: query.first("prefix") ?? "", delimiter: query.first("delimiter") ?? "")
        startAfter = query.first(isVersion2 ? "start-after" : "marker")
        tellsOwner = !isVersion2 || query.first("fetch-owner") == "true"
        token = isVersion2 ? query.first("continuation-token") : nil
        if let token {
            guard let bytes = Base64.decode(token, alphabet: .url), let text = String(validating: bytes, as: UTF8.self)
            else { throw .invalidArgument("The continuation token provided is incorrect") }
            after = text
        } else {
            after = startAfter ?? ""
        }
        if let text = query.first("max-keys") {
            guard let value = ASCII.parseDecimal(text), value <= UInt64(Int32.max) else {
                throw .invalidArgument("max-keys must be an integer from 0 to 2147483647")
            }
            limit = min(Int(value), 1_000)
        } else {
            limit = 1_000
        }
        let encoding = query.first("encoding-type")
        guard encoding == nil || encoding == "url" else {
            throw .invalidArgument("Invalid Encoding Method specified in Request")
        }
        encodesURLs = encoding != nil
    }
}
