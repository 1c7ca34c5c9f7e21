/// What a registration wants to hear about.
///
/// Hang-up and errors are always reported.
public struct Interest: OptionSet, Sendable {
    /// The bits.
    public let rawValue: UInt8

    /// Creates a set from its bits.
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// Bytes, a connection or an end of stream can be taken without waiting.
    public static let read = Interest(rawValue: 1)
    /// Bytes can be given to the kernel without waiting.
    public static let write = Interest(rawValue: 2)
}

/// What a descriptor is ready for.
///
/// After a hang-up or an error every bit of interest is set as well, so that the handler's ordinary read or write finds
/// the reason.
public struct Readiness: OptionSet, Sendable {
    /// The bits.
    public let rawValue: UInt8

    /// Creates a set from its bits.
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// A read would not block; it may return the end of the stream or an error.
    public static let read = Readiness(rawValue: 1)
    /// A write would not block; it may return an error.
    public static let write = Readiness(rawValue: 2)
    /// Both directions are closed.
    public static let hangUp = Readiness(rawValue: 4)
    /// The socket has a pending error (`Socket.pendingError`).
    public static let error = Readiness(rawValue: 8)
}

/// Something that owns a descriptor and acts when it is ready.
public protocol EventHandler: AnyObject {
    /// Called on the loop's thread, at most once per descriptor and turn.
    ///
    /// It must not block. Readiness is level-triggered: what is left unread is reported again in the next turn. Never
    /// called after `deregisterOnLoop`.
    func readyOnLoop(_ readiness: Readiness)
}

/// What the kernel's event points at: one object per registered descriptor.
///
/// A reused descriptor number gets a new object, so an event that was fetched for its predecessor finds the old one,
/// without a handler.
final class Registration {
    let descriptor: Int32
    var interest: Interest
    var handler: (any EventHandler)?
    /// False after a hang-up nobody was interested in, which epoll would otherwise report for ever.
    var isArmed = true

    init(descriptor: Int32, interest: Interest, handler: any EventHandler) {
        self.descriptor = descriptor
        self.interest = interest
        self.handler = handler
    }
}
