internal import HTTPWire

/// The time that a client signs: `Sat Nov 7 01:02:03 UTC 2026`, in English, the day without a zero before it.
enum SRPTimestamp {
    /// How far it may be from the server's time, in seconds.
    static let toleranceSeconds: Int64 = 300

    /// The time in epoch seconds; nil for any other form. Whether the weekday is that of the date does not matter.
    static func parse(_ text: String) -> Int64? {
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[4] == "UTC", !parts[2].hasPrefix("0") else { return nil }
        let day = (parts[2].utf8.count == 1 ? "0" : "") + parts[2]
        return HTTPDate.parse("\(parts[0]), \(day) \(parts[1]) \(parts[5]) \(parts[3]) GMT")
    }

    static func isCurrent(_ seconds: Int64, now: Int64) -> Bool {
        abs(now / 1000 - seconds) <= toleranceSeconds
    }
}
