/// Reads when a text is shown: `00:01:02.345 --> 00:01:04.000`, in milliseconds.
///
/// What stands behind it, settings of WebVTT or places of SubRip, is about where.
enum CueTimes {
    /// Hours with more digits are no time of any film.
    private static let longestHours = 3

    static func read(_ line: Substring, _ markup: CueText.Markup) -> (start: Int64, end: Int64)? {
        var bytes = Array(line.utf8)[...]
        skipBlanks(&bytes)
        guard let start = time(&bytes, markup), skipBlanks(&bytes) else { return nil }
        guard bytes.starts(with: Array("-->".utf8)) else { return nil }
        bytes = bytes.dropFirst(3)
        guard skipBlanks(&bytes), let end = time(&bytes, markup), bytes.isEmpty || skipBlanks(&bytes) else {
            return nil
        }
        return (start, end)
    }

    /// Whether there were any.
    @discardableResult
    private static func skipBlanks(_ bytes: inout ArraySlice<UInt8>) -> Bool {
        let rest = bytes.drop { $0 == 0x20 || $0 == 0x09 }
        defer { bytes = rest }
        return rest.count < bytes.count
    }

    /// Hours, which WebVTT may leave out, minutes, seconds and three digits behind a point, which is a comma in SubRip.
    private static func time(_ bytes: inout ArraySlice<UInt8>, _ markup: CueText.Markup) -> Int64? {
        guard let first = number(&bytes), take(UInt8(ascii: ":"), &bytes), let second = number(&bytes) else {
            return nil
        }
        var (hours, minutes, seconds) = ((value: Int64(0), digits: 2), first, second)
        if take(UInt8(ascii: ":"), &bytes) {
            guard let third = number(&bytes) else { return nil }
            (hours, minutes, seconds) = (first, second, third)
        } else if markup == .subRip {
            return nil
        }
        let point = take(UInt8(ascii: "."), &bytes) || (markup == .subRip && take(UInt8(ascii: ","), &bytes))
        guard point, let thousandths = number(&bytes), thousandths.digits == 3,
            hours.digits <= longestHours, markup == .subRip || hours.digits >= 2,
            minutes.digits == 2, minutes.value < 60, seconds.digits == 2, seconds.value < 60
        else { return nil }
        return ((hours.value * 60 + minutes.value) * 60 + seconds.value) * 1000 + thousandths.value
    }

    private static func number(_ bytes: inout ArraySlice<UInt8>) -> (value: Int64, digits: Int)? {
        let digits = bytes.prefix { (0x30...0x39).contains($0) }
        guard (1...3).contains(digits.count) else { return nil }
        bytes = bytes.dropFirst(digits.count)
        return (digits.reduce(0) { $0 * 10 + Int64($1 - 0x30) }, digits.count)
    }

    private static func take(_ byte: UInt8, _ bytes: inout ArraySlice<UInt8>) -> Bool {
        guard bytes.first == byte else { return false }
        bytes = bytes.dropFirst()
        return true
    }
}
