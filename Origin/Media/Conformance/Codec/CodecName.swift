/// Compares RFC 6381 strings by what they mean, since some parts may be left out or be written in two ways.
enum CodecName {
    static func matches(_ stated: String, _ measured: String) -> Bool {
        let left = stated.lowercased().split(separator: ".", omittingEmptySubsequences: false)
        let right = measured.lowercased().split(separator: ".", omittingEmptySubsequences: false)
        guard let format = left.first, format == right.first else { return false }
        switch format {
        case "hvc1", "hev1": return matchesHEVC(left, right)
        case "av01": return left.count >= 4 && left.prefix(4) == right.prefix(4)
        case "stpp": return true
        default: return left == right
        }
    }

    /// Leading zeros of the flags and trailing zero bytes of the constraints say nothing.
    private static func matchesHEVC(_ left: [Substring], _ right: [Substring]) -> Bool {
        guard left.count >= 4, right.count >= 4, left[1] == right[1], left[3] == right[3] else { return false }
        guard UInt32(left[2], radix: 16) == UInt32(right[2], radix: 16) else { return false }
        let stated = left.dropFirst(4).map { Int($0, radix: 16) ?? -1 }
        let measured = right.dropFirst(4).map { Int($0, radix: 16) ?? -1 }
        if stated.isEmpty { return true }
        return withoutZeros(stated) == withoutZeros(measured)
    }

    private static func withoutZeros(_ bytes: [Int]) -> ArraySlice<Int> {
        bytes.prefix((bytes.lastIndex { $0 != 0 } ?? -1) + 1)
    }

    /// Whether an entry of CODECS is about pictures or sound of which the bytes may not say enough to name it.
    static func isUnknown(_ stated: String, among traits: [MediaTraits]) -> Bool {
        let format = stated.prefix { $0 != "." }.lowercased()
        return traits.contains { traits in
            (traits.video.map { $0.codec == nil && ($0.format.lowercased() == format || $0.format.hasPrefix("type")) }
                ?? false)
                || traits.audio.contains {
                    $0.codec == nil && ($0.format.lowercased() == format || $0.format.hasPrefix("type"))
                }
        }
    }
}
