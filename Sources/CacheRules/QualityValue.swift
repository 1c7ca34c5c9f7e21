internal import Bytes
internal import HTTPWire

/// Weights of content negotiation (RFC 9110 §12.4.2), in thousandths.
enum QualityValue {
    static let most = 1000

    /// Takes `gzip;q=0.5` apart. Without a weight it is the most; a weight that is no weight refuses.
    static func split(_ element: UnsafeRawBufferPointer) -> (name: UnsafeRawBufferPointer, weight: Int) {
        var name: UnsafeRawBufferPointer?
        var weight = most
        HTTPToken.forEachElement(of: element, separator: UInt8(ascii: ";")) { part in
            if name == nil {
                name = part
            } else if part.count >= 2, ASCII.lowercased(part[0]) == UInt8(ascii: "q"), part[1] == UInt8(ascii: "=") {
                weight = thousandths(UnsafeRawBufferPointer(rebasing: part[2...])) ?? 0
                return false
            }
            return true
        }
        return (name ?? element, weight)
    }

    /// `0`, `0.5`, `1.000`: one digit, at most three behind the point, not above one.
    static func thousandths(_ text: UnsafeRawBufferPointer) -> Int? {
        guard let first = text.first, first == UInt8(ascii: "0") || first == UInt8(ascii: "1"), text.count <= 5 else {
            return nil
        }
        var value = Int(first - UInt8(ascii: "0")) * most
        if text.count > 1, text[1] != UInt8(ascii: ".") { return nil }
        var scale = 100
        for byte in text.dropFirst(2) {
            guard ASCII.isDigit(byte) else { return nil }
            value += Int(byte - UInt8(ascii: "0")) * scale
            scale /= 10
        }
        return value <= most ? value : nil
    }
}
