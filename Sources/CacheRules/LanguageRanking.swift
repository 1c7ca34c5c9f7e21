internal import Bytes
internal import HTTPWire

/// The languages of `Accept-Language` in order of preference (RFC 9110 §12.5.4): refused ones left out, at most eight, in
/// lower case, with qualities that only say the rank. So `de-DE,de;q=0.9` and `de ; q=0.3, de-de` find the same response.
///
/// Holds pointers into the request's head; allocates nothing.
struct LanguageRanking {
    private var ranked = [8 of Range](repeating: Range())
    private var count = 0

    private struct Range {
        var name = UnsafeRawBufferPointer(start: nil, count: 0)
        var weight = 0
    }

    /// Letters, digits, `-` and `*` (RFC 4647 §2.1); what else a name holds makes it no language.
    private static func isRangeByte(_ byte: UInt8) -> Bool {
        ASCII.isLetter(byte) || ASCII.isDigit(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "*")
    }

    /// Takes one line. Among equals the earlier one comes first.
    mutating func add(_ line: UnsafeRawBufferPointer) {
        HTTPToken.forEachElement(of: line) { element in
            let (name, weight) = QualityValue.split(element)
            if weight > 0, name.allSatisfy(Self.isRangeByte) { insert(Range(name: name, weight: weight)) }
            return true
        }
    }

    private mutating func insert(_ range: Range) {
        for place in 0..<count where ASCII.equalsIgnoringCase(ranked[place].name, range.name) { return }
        var place = count
        while place > 0, ranked[place - 1].weight < range.weight {
            if place < ranked.count { ranked[place] = ranked[place - 1] }
            place -= 1
        }
        guard place < ranked.count else { return }
        ranked[place] = range
        count = min(count + 1, ranked.count)
    }

    /// Appends the list; false if it is empty.
    func write(to key: inout GrowableBuffer) -> Bool {
        for place in 0..<count {
            if place > 0 { key.append(UInt8(ascii: ",")) }
            for byte in ranked[place].name { key.append(ASCII.lowercased(byte)) }
            if place > 0 {
                key.append(";q=0.")
                key.append(decimal: 10 - place)
            }
        }
        return count > 0
    }
}
