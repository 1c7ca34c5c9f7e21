internal import JSON

/// Cuts a stream of bytes from a jailed process into events.
public struct TranscodeEventReader {
    /// The bytes break the protocol; the sender cannot be trusted any further.
    public struct Violation: Error, Sendable, Equatable, CustomStringConvertible {
        /// What is wrong.
        public let description: String
    }

    /// Largest accepted header.
    public static let maximumHeaderBytes = 1 << 20
    /// Largest accepted segment.
    public static let maximumBodyBytes = 256 << 20

    private var buffer: [UInt8] = []
    private var start = 0

    /// Starts with nothing received.
    public init() {}

    /// Whether a frame has begun that has not ended.
    public var isInsideFrame: Bool { start < buffer.count }

    /// Adds what the pipe gave.
    public mutating func append(_ bytes: some Collection<UInt8>) {
        if start > 0, start == buffer.count || start > 1 << 20 {
            buffer.removeFirst(start)
            start = 0
        }
        buffer.append(contentsOf: bytes)
    }

    /// The next whole event; nil when more bytes are needed.
    public mutating func next() throws(Violation) -> TranscodeEvent? {
        guard buffer.count - start >= 8 else { return nil }
        let headerBytes = length(at: start)
        let bodyBytes = length(at: start + 4)
        guard headerBytes <= Self.maximumHeaderBytes, bodyBytes <= Self.maximumBodyBytes else {
            throw Violation(description: "a frame of \(headerBytes) and \(bodyBytes) bytes is too large")
        }
        let bodyStart = start + 8 + headerBytes
        guard buffer.count >= bodyStart + bodyBytes else { return nil }
        guard let header = try? JSONValue.parse(Array(buffer[start + 8..<bodyStart])),
            let event = TranscodeEvent(header: header, body: Array(buffer[bodyStart..<bodyStart + bodyBytes]))
        else { throw Violation(description: "a frame's header is not a known event") }
        start = bodyStart + bodyBytes
        return event
    }

    private func length(at offset: Int) -> Int {
        buffer[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
    }
}
