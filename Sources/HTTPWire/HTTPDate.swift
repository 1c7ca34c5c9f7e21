public import Bytes

/// HTTP dates (RFC 9110 §5.6.7), as seconds since 1970.
public enum HTTPDate {
    /// Writes `Sun, 06 Nov 1994 08:49:37 GMT`, always 29 bytes, without allocating.
    public static func write(_ epochSeconds: Int64, into buffer: inout GrowableBuffer) {
        let time = CivilTime(epochSeconds: epochSeconds)
        write(name: time.weekday, of: CivilTime.weekdayNames, into: &buffer)
        buffer.append(", ")
        buffer.append(decimal: time.day, width: 2)
        buffer.append(UInt8(ascii: " "))
        write(name: time.month - 1, of: CivilTime.monthNames, into: &buffer)
        buffer.append(UInt8(ascii: " "))
        buffer.append(decimal: time.year, width: 4)
        buffer.append(UInt8(ascii: " "))
        buffer.append(decimal: time.hour, width: 2)
        buffer.append(UInt8(ascii: ":"))
        buffer.append(decimal: time.minute, width: 2)
        buffer.append(UInt8(ascii: ":"))
        buffer.append(decimal: time.second, width: 2)
        buffer.append(" GMT")
    }

    /// The date as text.
    public static func format(_ epochSeconds: Int64) -> String {
        var buffer = GrowableBuffer(capacity: 32)
        write(epochSeconds, into: &buffer)
        return String(decoding: buffer.readable, as: UTF8.self)
    }

    /// Reads any of the three forms a recipient must understand; nil for anything else.
    ///
    /// Two-digit years of the RFC 850 form are taken to be at most 50 years ahead of `now` (epoch seconds), as RFC 9110
    /// wants it; without `now`, as 1970 to 2069. The name of the weekday is not compared with the date.
    public static func parse(_ bytes: UnsafeRawBufferPointer, now: Int64? = nil) -> Int64? {
        var reader = DateReader(bytes: bytes, latestYear: now.map { CivilTime(epochSeconds: $0).year + 50 } ?? 2069)
        if bytes.count == 29, bytes[3] == UInt8(ascii: ",") { return reader.fixed() }
        if bytes.count > 4, bytes[3] == UInt8(ascii: " ") { return reader.asctime() }
        return reader.rfc850()
    }

    /// Reads a date given as text.
    public static func parse(_ text: String, now: Int64? = nil) -> Int64? {
        var text = text
        return text.withUTF8 { parse(UnsafeRawBufferPointer($0), now: now) }
    }

    private static func write(name index: Int, of names: StaticString, into buffer: inout GrowableBuffer) {
        names.withUTF8Buffer {
            buffer.append(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer($0)[index * 3..<index * 3 + 3]))
        }
    }
}

/// Reads a date from left to right; the first mismatch makes the whole nil.
private struct DateReader {
    let bytes: UnsafeRawBufferPointer
    /// A two-digit year means the last such year up to this one.
    let latestYear: Int
    var position = 0

    /// `Sun, 06 Nov 1994 08:49:37 GMT`.
    mutating func fixed() -> Int64? {
        guard name(of: CivilTime.weekdayNames) != nil, skip(", "), let day = number(2), skip(" "),
            let month = name(of: CivilTime.monthNames), skip(" "), let year = number(4), skip(" ")
        else { return nil }
        return finish(year: year, month: month, day: day, suffix: " GMT")
    }

    /// `Sunday, 06-Nov-94 08:49:37 GMT`.
    mutating func rfc850() -> Int64? {
        guard name(of: CivilTime.weekdayNames) != nil else { return nil }
        while position < bytes.count, ASCII.isLetter(bytes[position]), position < 9 { position += 1 }
        guard skip(", "), let day = number(2), skip("-"), let month = name(of: CivilTime.monthNames), skip("-"),
            let year = number(2), skip(" ")
        else { return nil }
        let age = (latestYear - year) % 100
        return finish(year: latestYear - age, month: month, day: day, suffix: " GMT")
    }

    /// `Sun Nov  6 08:49:37 1994`.
    mutating func asctime() -> Int64? {
        guard name(of: CivilTime.weekdayNames) != nil, skip(" "), let month = name(of: CivilTime.monthNames), skip(" ")
        else { return nil }
        let padded = skip(" ")
        guard let day = number(padded ? 1 : 2), skip(" "), let (hour, minute, second) = clock(), skip(" "),
            let year = number(4), position == bytes.count
        else { return nil }
        return CivilTime(year: year, month: month, day: day, hour: hour, minute: minute, second: second).epochSeconds
    }

    private mutating func finish(year: Int, month: Int, day: Int, suffix: StaticString) -> Int64? {
        guard let (hour, minute, second) = clock(), skip(suffix), position == bytes.count else { return nil }
        return CivilTime(year: year, month: month, day: day, hour: hour, minute: minute, second: second).epochSeconds
    }

    private mutating func clock() -> (Int, Int, Int)? {
        guard let hour = number(2), skip(":"), let minute = number(2), skip(":"), let second = number(2) else {
            return nil
        }
        return (hour, minute, second)
    }

    private mutating func number(_ digits: Int) -> Int? {
        guard position + digits <= bytes.count else { return nil }
        let value = ASCII.parseDecimal(bytes[position..<position + digits])
        position += digits
        return value.map { Int($0) }
    }

    /// The number, from 1, of the three-letter name that stands here.
    private mutating func name(of names: StaticString) -> Int? {
        guard position + 3 <= bytes.count else { return nil }
        let found = UnsafeRawBufferPointer(rebasing: bytes[position..<position + 3])
        position += 3
        return names.withUTF8Buffer { names in
            let names = UnsafeRawBufferPointer(names)
            for index in 0..<names.count / 3 {
                let name = UnsafeRawBufferPointer(rebasing: names[index * 3..<index * 3 + 3])
                if ByteSearch.equal(found, name) { return index + 1 }
            }
            return nil
        }
    }

    private mutating func skip(_ literal: StaticString) -> Bool {
        let end = position + literal.utf8CodeUnitCount
        guard end <= bytes.count, ByteSearch.equal(UnsafeRawBufferPointer(rebasing: bytes[position..<end]), literal)
        else { return false }
        position = end
        return true
    }
}
