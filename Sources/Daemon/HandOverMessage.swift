internal import CLinux
internal import Glibc

/// What predecessor and successor say to each other, one message a packet.
enum HandOverMessage: Equatable, Sendable {
    /// Successor: everything but the data is in place.
    case prepared
    /// Predecessor: the data is released, open it.
    case open
    /// Successor: the data is open; these listeners are taken over.
    case ready([String])
    /// Predecessor: accept.
    case serve
    /// Successor: it accepts.
    case serving
    /// Successor: it cannot, and ends.
    case failed(String)

    static let maximumBytes = 4_096

    init?(_ text: String) {
        let parts = text.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
        let rest = parts.count > 1 ? String(parts[1]) : ""
        switch parts.first {
        case "prepared": self = .prepared
        case "open": self = .open
        case "ready": self = .ready(rest.split(separator: " ").map(String.init))
        case "serve": self = .serve
        case "serving": self = .serving
        case "failed": self = .failed(rest)
        default: return nil
        }
    }

    var text: String {
        switch self {
        case .prepared: "prepared"
        case .open: "open"
        case .ready(let listeners): "ready \(listeners.joined(separator: " "))"
        case .serve: "serve"
        case .serving: "serving"
        case .failed(let reason): "failed \(reason)"
        }
    }

    /// False when nobody hears it any more.
    func send(on descriptor: Int32) -> Bool {
        let bytes = Array(text.utf8.prefix(Self.maximumBytes))
        while true {
            if weir_send(descriptor, bytes, bytes.count, 0) >= 0 { return true }
            if errno != EINTR { return false }
        }
    }
}

/// A process that leaves its place to this one. Blocking: for the thread that starts the program.
public struct Predecessor: Sendable {
    let descriptor: Int32

    /// The predecessor has ended, or has given this process up.
    public struct Gone: Error, CustomStringConvertible {
        /// One line for a terminal.
        public let description = "the process whose place this one was to take is gone, or goes on without it"
    }

    /// Everything but the data is in place; returns when the data may be opened.
    public func dataWanted() throws(Gone) { try exchange(.prepared, for: .open) }

    /// The data is open and `listeners`, by the names their sockets came with, are taken over; returns when their connections
    /// may be accepted.
    public func ready(takingOver listeners: [String]) throws(Gone) { try exchange(.ready(listeners), for: .serve) }

    /// This process accepts: the predecessor leaves.
    public func serving() throws(Gone) {
        guard HandOverMessage.serving.send(on: descriptor) else { throw Gone() }
    }

    /// This process cannot take over, and ends.
    public func failed(_ reason: String) { _ = HandOverMessage.failed(reason).send(on: descriptor) }

    private func exchange(_ message: HandOverMessage, for answer: HandOverMessage) throws(Gone) {
        guard message.send(on: descriptor), receive() == answer else { throw Gone() }
    }

    private func receive() -> HandOverMessage? {
        var bytes = [UInt8](repeating: 0, count: HandOverMessage.maximumBytes)
        while true {
            let count = recv(descriptor, &bytes, bytes.count, 0)
            if count < 0 && errno == EINTR { continue }
            return count > 0 ? HandOverMessage(String(decoding: bytes[..<count], as: UTF8.self)) : nil
        }
    }
}
