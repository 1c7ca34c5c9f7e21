public import HTTPWire

/// One step of a trace, over and done.
public struct Span: Sendable, Equatable {
    /// Which side of a call the step is; raw values are OTLP's.
    public enum Kind: Int, Sendable {
        /// A request that was answered.
        case server = 2
        /// A request that was made.
        case client = 3
    }

    /// What an attribute says.
    public enum Value: Sendable, Equatable {
        /// Any text.
        case text(String)
        /// A whole number.
        case integer(Int64)
        /// Yes or no.
        case bool(Bool)
    }

    /// A name of the semantic conventions, or one of ours that begins with `weir.`, and what it says.
    public struct Attribute: Sendable, Equatable {
        let name: String
        let value: Value

        /// Puts the two together.
        public init(_ name: String, _ value: Value) {
            self.name = name
            self.value = value
        }
    }

    /// The trace and the span itself.
    public let context: TraceContext
    /// The span that caused this one; 0 for the first of a trace.
    public let parentID: UInt64
    /// A word or two of a small set, such as the method.
    public var name: String
    /// Which side of a call this is.
    public var kind: Kind
    /// Nanoseconds since 1970.
    public var start: Int64
    /// Nanoseconds since 1970, not before `start`.
    public var end: Int64
    /// What is known of it.
    public var attributes: [Attribute] = []
    /// Why it failed, if it did.
    public var failure: String?

    /// Puts a span together.
    public init(
        context: TraceContext, parentID: UInt64, name: String, kind: Kind, start: Int64, end: Int64,
        attributes: [Attribute] = [], failure: String? = nil
    ) {
        self.context = context
        self.parentID = parentID
        self.name = name
        self.kind = kind
        self.start = start
        self.end = end
        self.attributes = attributes
        self.failure = failure
    }
}
