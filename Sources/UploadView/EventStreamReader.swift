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

    private let maximumBytes: Int
    private var pending: [UInt8] = []
    private var name: [UInt8] = []
    /// The data so far, an LF behind each line.
    private var data: [UInt8] = []

    /// A reader at the beginning of a stream whose events take up to `maximumBytes`.
    public init(maximumBytes: Int = 1 << 20) { self.maximumBytes = maximumBytes }

    /// The events that `bytes` complete.
    public mutating func read(_ bytes: [UInt8]) throws(TooLarge) -> [Event] {
        var events: [Event] = []
        pending += bytes
        var start = 0
        while let end = pending[start...].firstIndex(of: UInt8(ascii: "\n")) {
            let hasReturn = end > start && pending[end - 1] == UInt8(ascii: "\r")
            if let event = take(pending[start..<(hasReturn ? end - 1 : end)]) { events.append(event) }
            start = end + 1
            guard data.count <= maximumBytes else { throw TooLarge() }
        }
        pending.removeFirst(start)
        guard pending.count + data.count <= maximumBytes else { throw TooLarge() }
        return events
    }

    private mutating func take(_ line: ArraySlice<UInt8>) -> Event? {
        guard !line.isEmpty else {
            defer { (name, data) = ([], []) }
            if data.isEmpty { return nil }
            let name = name.isEmpty ? "message" : String(decoding: name, as: UTF8.self)
            return Event(name: name, data: String(decoding: data.dropLast(), as: UTF8.self))
        }
        let field = line.prefix { $0 != UInt8(ascii: ":") }
        var value = line.dropFirst(field.count + 1)
        if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
        if field.elementsEqual("event".utf8) {
            name = Array(value)
        } else if field.elementsEqual("data".utf8) {
            data += value
            data.append(UInt8(ascii: "\n"))
        }
        return nil
    }
}
