import CMAF

/// Bytes as hexadecimal digits.
enum Hexadecimal {
    static func byte(_ value: Int) -> String { (value < 16 ? "0" : "") + String(value, radix: 16) }
}

extension AVCSequence {
    /// RFC 6381 string.
    var codec: String { "avc1." + [profile, constraints, level].map { Hexadecimal.byte($0) }.joined() }
}
