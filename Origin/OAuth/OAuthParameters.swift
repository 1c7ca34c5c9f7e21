public import HTTPWire

/// The parameters of a query or a form body as OAuth understands them (RFC 6749 §3.1): each at most once, and one without a
/// value as if it were not there.
public struct OAuthParameters: Sendable, Equatable {
    /// All parameters, in order.
    public let query: Query
    /// Whether a name stands there more than once.
    public let hasRepetition: Bool

    /// Reads `application/x-www-form-urlencoded`; nil if an escape is broken or the result not UTF-8.
    public init?(_ text: String) {
        guard let query = Query(text, plusIsSpace: true) else { return nil }
        self.init(query)
    }

    /// Takes parameters that were read already.
    public init(_ query: Query) {
        self.query = query
        hasRepetition = Set(query.items.map(\.name)).count < query.items.count
    }

    /// The value; nil where it is absent or empty, or where the name stands there more than once.
    public subscript(_ name: String) -> String? {
        let values = query.values(name)
        guard values.count == 1, let value = values.first, !value.isEmpty else { return nil }
        return value
    }

    /// Whether the name stands there more than once.
    public func repeats(_ name: String) -> Bool { query.values(name).count > 1 }
}
