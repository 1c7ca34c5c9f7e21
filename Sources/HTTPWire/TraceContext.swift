internal import Bytes

/// Where a request stands in a distributed trace: what `traceparent` and `tracestate` say (W3C Trace Context).
///
/// Read strictly: a `traceparent` that is not to the letter is none, and then `tracestate` means nothing either.
public struct TraceContext: Sendable, Hashable {
    /// The 16 bytes that all spans of a trace share; not zero.
    public struct TraceID: Sendable, Hashable {
        /// The first eight bytes.
        public let high: UInt64
        /// The last eight bytes, which are the random ones where only half of them are.
        public let low: UInt64

        /// Takes the two halves; `nil` if both are zero.
        public init?(high: UInt64, low: UInt64) {
            guard high != 0 || low != 0 else { return nil }
            self.high = high
            self.low = low
        }
    }

    /// The trace.
    public let traceID: TraceID
    /// The span that the request was made in, the caller's; not zero.
    public let spanID: UInt64
    /// The flags this version knows; the others are cleared, as the specification wants.
    public let flags: UInt8
    /// The value of `tracestate` as it is to be passed on, without empty members; empty when there is none.
    public let state: [UInt8]

    /// The caller records the trace.
    public static let sampledFlag: UInt8 = 0b01
    /// The trace id is random in its low half (level 2 of the specification).
    public static let randomFlag: UInt8 = 0b10

    /// Makes a context; `nil` for a span id of zero.
    public init?(traceID: TraceID, spanID: UInt64, flags: UInt8, state: [UInt8] = []) {
        guard spanID != 0 else { return nil }
        self.traceID = traceID
        self.spanID = spanID
        self.flags = flags & (Self.sampledFlag | Self.randomFlag)
        self.state = state
    }

    /// Reads a field value of `traceparent` and, joined with commas if there were several, of `tracestate`; `nil` if the
    /// first is malformed. A malformed `tracestate` is dropped.
    public init?(parent: UnsafeRawBufferPointer, state: UnsafeRawBufferPointer? = nil) {
        // version "-" trace-id "-" parent-id "-" trace-flags; a later version may add more, after another hyphen.
        let hyphen = UInt8(ascii: "-")
        guard parent.count >= 55, parent[2] == hyphen, parent[35] == hyphen, parent[52] == hyphen,
            let version = Self.number(parent[0..<2]), version != 0xff,
            parent.count == 55 || version > 0 && parent[55] == hyphen,
            let high = Self.number(parent[3..<19]), let low = Self.number(parent[19..<35]),
            let span = Self.number(parent[36..<52]), let flags = Self.number(parent[53..<55]),
            let traceID = TraceID(high: high, low: low)
        else { return nil }
        self.init(
            traceID: traceID, spanID: span, flags: UInt8(truncatingIfNeeded: flags),
            state: state.flatMap(TraceState.read) ?? [])
    }

    /// Whether the caller records the trace.
    public var isSampled: Bool { flags & Self.sampledFlag != 0 }

    /// The same trace as another span passes it on.
    public func asPassedOn(by spanID: UInt64, isSampled: Bool) -> TraceContext? {
        TraceContext(
            traceID: traceID, spanID: spanID, flags: flags & ~Self.sampledFlag | (isSampled ? Self.sampledFlag : 0),
            state: state)
    }

    /// The value of `traceparent`, in version 00.
    public var parent: String {
        var buffer = GrowableBuffer(capacity: 64)
        buffer.append("00-")
        buffer.append(HexadecimalDigits(of: traceID.high))
        buffer.append(HexadecimalDigits(of: traceID.low))
        buffer.append("-")
        buffer.append(HexadecimalDigits(of: spanID))
        buffer.append("-0")
        buffer.append(Hex.digit(flags))
        return String(decoding: buffer.readable, as: UTF8.self)
    }

    /// Lower-case hexadecimal digits only; upper-case ones are an error here.
    private static func number(_ digits: Slice<UnsafeRawBufferPointer>) -> UInt64? {
        var number: UInt64 = 0
        for digit in digits {
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): number = number << 4 | UInt64(digit - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): number = number << 4 | UInt64(digit - UInt8(ascii: "a") + 10)
            default: return nil
            }
        }
        return number
    }
}

extension TraceContext {
    /// Reads the fields of a message; `nil` without a `traceparent`, with several, or with a malformed one.
    public init?(_ headers: Headers) {
        let parents = headers.values("traceparent")
        guard parents.count == 1, let parent = parents.first else { return nil }
        let state = headers.joined("tracestate").map { Array($0.utf8) }
        let context = Array(parent.utf8).withUnsafeBytes { parent in
            state.map { $0.withUnsafeBytes { TraceContext(parent: parent, state: $0) } } ?? TraceContext(parent: parent)
        }
        guard let context else { return nil }
        self = context
    }

    /// Replaces the fields of a message that is to be sent.
    public func write(to headers: inout Headers) {
        headers.set("traceparent", parent)
        headers.remove("tracestate")
        if !state.isEmpty { headers.set("tracestate", String(decoding: state, as: UTF8.self)) }
    }
}
