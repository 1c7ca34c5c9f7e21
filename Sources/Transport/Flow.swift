/// Whether the producer of bytes may go on.
public enum Flow: Sendable, Equatable {
    /// Deliver the next bytes when there are any.
    case more
    /// Deliver nothing until resumed; the socket is not read meanwhile, so the peer feels it.
    case pause
}
