internal import Bytes
internal import HTTPWire

/// A request field's value brought to one form, so that requests which mean the same find the same response
/// (RFC 9111 §4.1).
///
/// Of every field: several lines are one list, blanks around commas go, runs of blanks are one. Of fields whose values
/// have no case: lower case. Of `Accept-Language`: see `LanguageRanking`.
struct VariantValue {
    private var form: Form
    private(set) var isPresent = false

    private enum Form {
        case plain
        case caseless
        case languages(LanguageRanking)
    }

    init(name: UnsafeRawBufferPointer) {
        form =
            if ByteSearch.equal(name, "accept-language") {
                .languages(LanguageRanking())
            } else if Self.isCaseless(name) {
                .caseless
            } else {
                .plain
            }
    }

    private static func isCaseless(_ name: UnsafeRawBufferPointer) -> Bool {
        ByteSearch.equal(name, "accept") || ByteSearch.equal(name, "accept-charset")
            || ByteSearch.equal(name, "accept-encoding") || ByteSearch.equal(name, "origin")
            || ByteSearch.equal(name, "save-data") || ByteSearch.equal(name, "x-requested-with")
    }

    /// Takes one line's elements and appends them to `key`, unless their order is still to be found.
    mutating func add(_ line: UnsafeRawBufferPointer, to key: inout GrowableBuffer) {
        if case .languages(var ranking) = form {
            ranking.add(line)
            form = .languages(ranking)
            return
        }
        HTTPToken.forEachElement(of: line) { element in
            if isPresent { key.append(UInt8(ascii: ",")) }
            isPresent = true
            append(element, to: &key)
            return true
        }
    }

    /// Appends what waited for the last line.
    mutating func finish(in key: inout GrowableBuffer) {
        guard case .languages(let ranking) = form else { return }
        isPresent = ranking.write(to: &key)
    }

    private func append(_ element: UnsafeRawBufferPointer, to key: inout GrowableBuffer) {
        let isCaseless = if case .caseless = form { true } else { false }
        var wasBlank = false
        for byte in element {
            let isBlank = byte == 0x20 || byte == 0x09
            if !(isBlank && wasBlank) { key.append(isBlank ? 0x20 : isCaseless ? ASCII.lowercased(byte) : byte) }
            wasBlank = isBlank
        }
    }
}
