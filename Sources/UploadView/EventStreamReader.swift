/// Cuts server-sent events out of a stream (WHATWG HTML, 9.2.6): lines end with LF or CRLF, an empty one ends an event.
public struct EventStreamReader: Sendable {
    /// One event.
    public struct Event: Sendable, Equatable {
        /// Its name; `message` unless the stream gives one.
        public var name: String
        /// Its data; several lines are joined with LF.
        public var data: String
    }

    /// An event is larger than any this program knows.
    public struct TooLarge: Error, Sendable {}

    private static let maximumBytes = 1 << 20
    private var pending: [UInt8] = []
    private var name = ""
    private var data: [String] = []

    /// A reader at the beginning of a stream.
    public init() {}

    /// The events that `bytes` complete.
    public mutating func read(_ bytes: [UInt8]) throws(TooLarge) -> [Event] {
        var events: [Event] = []
        pending += bytes
        while let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
            var line = pending[..<end]
            if line.last == UInt8(ascii: "\r") { line = line.dropLast() }
            if let event = take(String(decoding: line, as: UTF8.self)) { events.append(event) }
            pending.removeSubrange(...end)
        }
        guard pending.count + data.reduce(0, { $0 + $1.utf8.count }) <= Self.maximumBytes else { throw TooLarge() }
        return events
    }

    private mutating func take(_ line: String) -> Event? {
        guard !line.isEmpty else {
            defer { (name, data) = ("", []) }
            return data.isEmpty ? nil : Event(name: name.isEmpty ? "message" : name, data: data.joined(separator: "\n"))
        }
        let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let value = parts.count < 2 ? "" : parts[1].hasPrefix(" ") ? String(parts[1].dropFirst()) : String(parts[1])
        switch parts[0] {
        case "event": name = value
        case "data": data.append(value)
        default: break
        }
        return nil
    }
}
