/// How a request was refused that no handler saw, for access logs.
public struct RefusedRequest: Sendable, Equatable {
    /// The status code it was answered with.
    public var status: Int
    /// Whether its head was understood: the exchange then has it, and nothing of it otherwise.
    public var hasHead: Bool
    /// Bytes of the head that had arrived, as text even where the version compresses it.
    public var requestBytes: Int
    /// Bytes of the answer's head.
    public var headBytes: Int
    /// Bytes of the answer's body.
    public var bodyBytes: Int
}
