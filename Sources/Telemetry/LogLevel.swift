/// How much a log line matters.
public enum LogLevel: Int, Sendable, Comparable, CaseIterable, CustomStringConvertible {
    /// For someone who hunts a bug; off by default.
    case debug
    /// What an operator wants to read once: starts, stops, reloads.
    case info
    /// Something is wrong but was handled.
    case warning
    /// Something is wrong and someone must act.
    case error

    /// Reads `debug`, `info`, `warning` or `error`.
    public init?(_ text: String) {
        guard let level = Self.allCases.first(where: { $0.description == text }) else { return nil }
        self = level
    }

    /// Orders levels by weight.
    public static func < (left: LogLevel, right: LogLevel) -> Bool {
        left.rawValue < right.rawValue
    }

    /// What a person reads in logs and errors.
    public var description: String { name.description }

    /// The same, ready to be written.
    var name: StaticString {
        switch self {
        case .debug: "debug"
        case .info: "info"
        case .warning: "warning"
        case .error: "error"
        }
    }
}

/// A value beside a log line's constant message.
public enum LogValue: Sendable, Equatable {
    /// Text; escaped when written.
    case string(String)
    /// A whole number.
    case integer(Int64)
    /// A number; written as `null` unless finite.
    case number(Double)
    /// A truth value.
    case bool(Bool)

    /// Any whole number; those beyond `Int64` are clamped.
    public static func count(_ value: some BinaryInteger) -> LogValue {
        .integer(Int64(clamping: value))
    }

    /// Anything that describes itself, such as an error or an address.
    public static func text(_ value: some CustomStringConvertible) -> LogValue {
        .string(value.description)
    }

    /// An error in its own words.
    public static func error(_ error: any Error) -> LogValue {
        .string("\(error)")
    }
}

extension LogValue: ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral
{
    /// Text.
    public init(stringLiteral value: String) {
        self = .string(value)
    }

    /// A whole number.
    public init(integerLiteral value: Int64) {
        self = .integer(value)
    }

    /// A number.
    public init(floatLiteral value: Double) {
        self = .number(value)
    }

    /// A truth value.
    public init(booleanLiteral value: Bool) {
        self = .bool(value)
    }
}

/// Values in the order they are written.
///
/// Keys are constants chosen by us.
public typealias LogFields = KeyValuePairs<StaticString, LogValue>
