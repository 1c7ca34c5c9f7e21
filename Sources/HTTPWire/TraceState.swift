internal import Bytes

/// The list of a `tracestate` field: what each tracing system on the way wants to find again (W3C Trace Context §3.3).
enum TraceState {
    /// Most members of a list.
    static let memberLimit = 32
    /// Most bytes that are passed on. The specification wants 512 at least.
    static let byteLimit = 2_048

    /// The list as it is to be passed on: its members in order, without empty ones and the space around them; `nil` if it
    /// is malformed, has a key twice, or is too long.
    static func read(_ list: UnsafeRawBufferPointer) -> [UInt8]? {
        var result: [UInt8] = []
        var keys: Set<[UInt8]> = []
        for part in list.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
            let member = ASCII.trimmed(UnsafeRawBufferPointer(rebasing: part))
            if member.isEmpty { continue }
            guard let equals = member.firstIndex(of: UInt8(ascii: "=")),
                isKey(member[..<equals]), isValue(member[(equals + 1)...]),
                keys.insert(Array(member[..<equals])).inserted, keys.count <= memberLimit
            else { return nil }
            if !result.isEmpty { result.append(UInt8(ascii: ",")) }
            result.append(contentsOf: member)
        }
        return result.count <= byteLimit ? result : nil
    }

    /// A letter or digit, then letters, digits, `_`, `-`, `*`, `/`, 256 in all; with `@` a tenant of up to 241 and a
    /// system of up to 14 that begins with a letter.
    private static func isKey(_ key: Slice<UnsafeRawBufferPointer>) -> Bool {
        guard let first = key.first, isLetter(first) || isDigit(first) else { return false }
        guard let at = key.firstIndex(of: UInt8(ascii: "@")) else {
            return key.count <= 256 && key.allSatisfy(isKeyByte)
        }
        let (tenant, system) = (key[..<at], key[(at + 1)...])
        guard let beginning = system.first, isLetter(beginning) else { return false }
        return tenant.count <= 241 && system.count <= 14 && tenant.allSatisfy(isKeyByte) && system.allSatisfy(isKeyByte)
    }

    /// Visible ASCII and spaces but `,` and `=`, 1 to 256 bytes; the space at the end is trimmed already.
    private static func isValue(_ value: Slice<UnsafeRawBufferPointer>) -> Bool {
        1...256 ~= value.count
            && value.allSatisfy { 0x20...0x7e ~= $0 && $0 != UInt8(ascii: ",") && $0 != UInt8(ascii: "=") }
    }

    private static func isKeyByte(_ byte: UInt8) -> Bool {
        isLetter(byte) || isDigit(byte) || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
            || byte == UInt8(ascii: "*") || byte == UInt8(ascii: "/")
    }

    private static func isLetter(_ byte: UInt8) -> Bool { UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte }
    private static func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }
}
