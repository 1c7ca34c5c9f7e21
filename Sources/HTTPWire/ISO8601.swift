internal import Bytes

/// Dates as S3, SigV4 and JSON write them: ISO 8601 in UTC, from seconds or milliseconds since 1970.
public enum ISO8601 {
    /// `20261121T030000Z`, the form of `X-Amz-Date`.
    public static func basic(_ epochSeconds: Int64) -> String {
        let time = CivilTime(epochSeconds: epochSeconds)
        return date(time, "") + "T" + clock(time, "") + "Z"
    }

    /// `20261121`, the form of SigV4's scope.
    public static func basicDate(_ epochSeconds: Int64) -> String {
        date(CivilTime(epochSeconds: epochSeconds), "")
    }

    /// `2026-11-21T03:00:00Z`.
    public static func extended(_ epochSeconds: Int64) -> String {
        let time = CivilTime(epochSeconds: epochSeconds)
        return date(time, "-") + "T" + clock(time, ":") + "Z"
    }

    /// `2026-11-21T03:00:00.123Z`.
    public static func extended(milliseconds: Int64) -> String {
        let seconds = milliseconds >= 0 ? milliseconds / 1000 : (milliseconds - 999) / 1000
        let time = CivilTime(epochSeconds: seconds)
        return date(time, "-") + "T" + clock(time, ":") + "." + padded(Int(milliseconds - seconds * 1000), 3) + "Z"
    }

    /// Seconds since 1970 of either form; the extended one may have a fraction, which is dropped.
    ///
    /// Nil for anything else, other time zones included.
    public static func parse(_ text: String) -> Int64? {
        let bytes = Array(text.utf8)
        guard bytes.last == UInt8(ascii: "Z") else { return nil }
        if bytes.count == 16, bytes[8] == UInt8(ascii: "T") {
            return moment(bytes, year: 0, month: 4, day: 6, hour: 9, minute: 11, second: 13)
        }
        guard bytes.count >= 20, bytes[4] == 0x2d, bytes[7] == 0x2d, bytes[10] == UInt8(ascii: "T"), bytes[13] == 0x3a,
            bytes[16] == 0x3a
        else { return nil }
        if bytes.count > 20 {
            guard bytes[19] == 0x2e, ASCII.parseDecimal(bytes[20..<bytes.count - 1]) != nil else { return nil }
        }
        return moment(bytes, year: 0, month: 5, day: 8, hour: 11, minute: 14, second: 17)
    }

    private static func moment(
        _ bytes: [UInt8], year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int
    ) -> Int64? {
        func number(_ start: Int, _ digits: Int) -> Int? {
            ASCII.parseDecimal(bytes[start..<start + digits]).map { Int($0) }
        }
        guard let year = number(year, 4), let month = number(month, 2), let day = number(day, 2),
            let hour = number(hour, 2), let minute = number(minute, 2), let second = number(second, 2)
        else { return nil }
        return CivilTime(year: year, month: month, day: day, hour: hour, minute: minute, second: second).epochSeconds
    }

    private static func date(_ time: CivilTime, _ separator: String) -> String {
        padded(time.year, 4) + separator + padded(time.month, 2) + separator + padded(time.day, 2)
    }

    private static func clock(_ time: CivilTime, _ separator: String) -> String {
        padded(time.hour, 2) + separator + padded(time.minute, 2) + separator + padded(time.second, 2)
    }

    private static func padded(_ value: Int, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
