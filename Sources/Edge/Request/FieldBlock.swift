import Bytes
import HTTPWire

/// The fields of a response as they are kept: lines ready for the wire, each with its CR LF.
enum FieldBlock {
    /// The value of the first field of that name, any case.
    static func value(of name: StaticString, in block: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        var found: UnsafeRawBufferPointer?
        forEachLine(of: block) { line, candidate in
            guard ASCII.equalsIgnoringCase(candidate, name) else { return true }
            found = value(of: candidate, in: line)
            return false
        }
        return found
    }

    /// Calls `body` with the value of each field of that name, any case.
    static func forEachValue(
        of name: StaticString, in block: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void
    ) {
        forEachLine(of: block) { line, candidate in
            if ASCII.equalsIgnoringCase(candidate, name) { body(value(of: candidate, in: line)) }
            return true
        }
    }

    /// Whether there is a field of that name, any case.
    static func contains(_ name: String, in block: UnsafeRawBufferPointer) -> Bool {
        var found = false
        var name = name
        name.withUTF8 { name in
            forEachLine(of: block) { _, candidate in
                found = ASCII.equalsIgnoringCase(candidate, UnsafeRawBufferPointer(name))
                return !found
            }
        }
        return found
    }

    private static func value(of name: UnsafeRawBufferPointer, in line: UnsafeRawBufferPointer)
        -> UnsafeRawBufferPointer
    {
        let value = UnsafeRawBufferPointer(rebasing: line[(name.count + 1)...])
        return ASCII.trimmed(UnsafeRawBufferPointer(rebasing: value.dropLast(2)))
    }

    /// Writes the lines of which `isLeftOut` does not take the name.
    static func write(
        _ block: UnsafeRawBufferPointer, to writer: inout HeadWriter, except isLeftOut: (UnsafeRawBufferPointer) -> Bool
    ) {
        forEachLine(of: block) { line, name in
            if !isLeftOut(name) { writer.buffer.append(line) }
            return true
        }
    }

    /// Whether a 304 can do without a field of that name: it describes bytes that are not sent (RFC 9110 §15.4.5).
    static func describesContent(_ name: UnsafeRawBufferPointer) -> Bool {
        switch name.count {
        case 12: ASCII.equalsIgnoringCase(name, "content-type")
        case 16:
            ASCII.equalsIgnoringCase(name, "content-encoding") || ASCII.equalsIgnoringCase(name, "content-language")
        default: false
        }
    }

    /// Calls `body` with each line, its CR LF included, and its name, until it returns false.
    private static func forEachLine(
        of block: UnsafeRawBufferPointer,
        _ body: (_ line: UnsafeRawBufferPointer, _ name: UnsafeRawBufferPointer) -> Bool
    ) {
        var start = 0
        while start < block.count {
            let end = ByteSearch.firstIndex(of: 0x0a, in: block, from: start).map { $0 + 1 } ?? block.count
            let line = UnsafeRawBufferPointer(rebasing: block[start..<end])
            start = end
            guard let colon = ByteSearch.firstIndex(of: UInt8(ascii: ":"), in: line) else { continue }
            if !body(line, UnsafeRawBufferPointer(rebasing: line[..<colon])) { return }
        }
    }
}
