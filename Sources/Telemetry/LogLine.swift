/// Builds one line of the log: a JSON object and a line feed.
///
/// Keep one and give it to `Logger.log(_:_:reusing:)` where a line is written for every request: once it has grown it
/// allocates nothing. Pure; the time is an argument.
public struct LogLine: Sendable {
    private(set) var bytes: [UInt8] = []

    /// A line without memory of its own yet.
    public init() {}

    /// Forgets the last line and writes what every line starts with.
    mutating func begin(epochNanoseconds: Int64, level: LogLevel, label: String, message: StaticString) {
        bytes.removeAll(keepingCapacity: true)
        bytes.reserveCapacity(512)
        bytes.append(UInt8(ascii: "{"))
        addKey("ts")
        bytes.append(UInt8(ascii: "\""))
        Timestamp.append(epochNanoseconds: epochNanoseconds, to: &bytes)
        bytes.append(UInt8(ascii: "\""))
        add("level", .string(level.description))
        add("label", .string(label))
        message.withUTF8Buffer { add("msg", UnsafeRawBufferPointer($0)) }
    }

    /// Adds a field.
    public mutating func add(_ key: StaticString, _ value: LogValue) {
        addName(key)
        switch value {
        case .string(let text): Self.append(quoted: text.utf8, to: &bytes)
        case .integer(let number): bytes.append(contentsOf: number.description.utf8)
        case .number(let number): bytes.append(contentsOf: (number.isFinite ? number.description : "null").utf8)
        case .bool(let flag): bytes.append(contentsOf: (flag ? "true" : "false").utf8)
        }
    }

    /// Adds a field of text that is at hand as UTF-8.
    public mutating func add(_ key: StaticString, _ text: UnsafeRawBufferPointer) {
        addName(key)
        Self.append(quoted: text, to: &bytes)
    }

    mutating func end() {
        bytes.append(UInt8(ascii: "}"))
        bytes.append(UInt8(ascii: "\n"))
    }

    private mutating func addName(_ key: StaticString) {
        bytes.append(UInt8(ascii: ","))
        addKey(key)
    }

    private mutating func addKey(_ key: StaticString) {
        key.withUTF8Buffer { Self.append(quoted: $0, to: &bytes) }
        bytes.append(UInt8(ascii: ":"))
    }

    private static let digits = Array("0123456789abcdef".utf8)

    static func append(quoted text: some Sequence<UInt8>, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case UInt8(ascii: "\n"): bytes.append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "n")])
            case 0..<0x20, 0x7f:
                bytes.append(contentsOf: "\\u00".utf8)
                bytes.append(digits[Int(byte >> 4)])
                bytes.append(digits[Int(byte & 15)])
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}

/// RFC 3339 in UTC with milliseconds, such as `2026-11-21T03:00:00.000Z`.
enum Timestamp {
    static func append(epochNanoseconds: Int64, to bytes: inout [UInt8]) {
        let milliseconds = epochNanoseconds.floorDivided(by: 1_000_000)
        let seconds = milliseconds.floorDivided(by: 1_000)
        let days = seconds.floorDivided(by: 86_400)
        let second = seconds - days * 86_400
        let (year, month, day) = civil(days)
        append(year, digits: 4, to: &bytes)
        bytes.append(UInt8(ascii: "-"))
        append(month, digits: 2, to: &bytes)
        bytes.append(UInt8(ascii: "-"))
        append(day, digits: 2, to: &bytes)
        bytes.append(UInt8(ascii: "T"))
        append(second / 3_600, digits: 2, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        append(second / 60 % 60, digits: 2, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        append(second % 60, digits: 2, to: &bytes)
        bytes.append(UInt8(ascii: "."))
        append(milliseconds - seconds * 1_000, digits: 3, to: &bytes)
        bytes.append(UInt8(ascii: "Z"))
    }

    /// Gregorian date of a day number since 1970, counting years from March so that the leap day comes last.
    private static func civil(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = shifted.floorDivided(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    private static func append(_ value: Int64, digits: Int, to bytes: inout [UInt8]) {
        var divisor: Int64 = 1
        for _ in 1..<digits { divisor *= 10 }
        while divisor > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value / divisor % 10))
            divisor /= 10
        }
    }
}

extension Int64 {
    fileprivate func floorDivided(by divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
