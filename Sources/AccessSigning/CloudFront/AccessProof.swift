/// By what a check was convinced that what a request brought is signed: what a memo is worth.
public enum AccessProof: Int, Sendable, CaseIterable {
    /// By nothing: the request brought nothing that counts.
    case none
    /// The very bytes that the connection's last request proved.
    case connection
    /// Bytes that another connection of the loop proved.
    case loop
    /// A signature, verified for this request.
    case signature
}
