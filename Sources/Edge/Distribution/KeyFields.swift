/// The request fields that are in a cache key beside path and query. They, and no others, are sent to the origin with them,
/// so that a stored response is one for every request that has the key.
struct KeyFields: Sendable, Equatable {
    /// Lower-case names in ascending order, each behind a comma but the first.
    let headers: [UInt8]
    let cookies: NameSelection

    /// Most bytes of the cookies in a key; a request with more is passed through.
    static let maximumCookieBytes = 1024

    /// Whether a response that varies by the field of that lower-case name is told apart by its key already.
    func covers(_ name: String) -> Bool {
        if name == "cookie" { return cookies != .none }
        return headers.split(separator: UInt8(ascii: ",")).contains { $0.elementsEqual(name.utf8) }
    }
}
