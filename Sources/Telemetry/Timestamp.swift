internal import Bytes

/// RFC 3339 in UTC with milliseconds, such as `2026-11-21T03:00:00.000Z`; the part up to the second is kept for the next
/// line of that second.
struct Timestamp: ~Copyable, Sendable {
    private var text = GrowableBuffer()
    private var seconds = Int64.min

    mutating func append(epochNanoseconds: Int64, to buffer: inout GrowableBuffer) {
        let milliseconds = epochNanoseconds.floorDivided(by: 1_000_000)
        let seconds = milliseconds.floorDivided(by: 1_000)
        if seconds != self.seconds { write(seconds) }
        buffer.append(text.readable)
        buffer.append(decimal: Int(milliseconds - seconds * 1_000), width: 3)
        buffer.append(UInt8(ascii: "Z"))
    }

    private mutating func write(_ seconds: Int64) {
        self.seconds = seconds
        let days = seconds.floorDivided(by: 86_400)
        let second = Int(seconds - days * 86_400)
        let (year, month, day) = Self.civil(days)
        text.removeAll()
        text.append(decimal: Int(year), width: 4)
        text.append(UInt8(ascii: "-"))
        text.append(decimal: Int(month), width: 2)
        text.append(UInt8(ascii: "-"))
        text.append(decimal: Int(day), width: 2)
        text.append(UInt8(ascii: "T"))
        text.append(decimal: second / 3_600, width: 2)
        text.append(UInt8(ascii: ":"))
        text.append(decimal: second / 60 % 60, width: 2)
        text.append(UInt8(ascii: ":"))
        text.append(decimal: second % 60, width: 2)
        text.append(UInt8(ascii: "."))
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
}

extension Int64 {
    fileprivate func floorDivided(by divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
