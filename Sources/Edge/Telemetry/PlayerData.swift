import Bytes
import HTTPWire

/// Where players say something of themselves (CMCD, CTA-5004): in a parameter of the query or in fields. Keeps the memory that
/// decoding takes.
struct PlayerData: ~Copyable {
    /// The fields, whose values are lists as they stand.
    static let fields: [KnownField] = [.cmcdRequest, .cmcdObject, .cmcdStatus, .cmcdSession]

    private var decoded = GrowableBuffer()

    /// The value of the parameter `CMCD`, decoded, as long as no other is asked for; a request without one pays for a search.
    mutating func parameter(in query: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        let none = UnsafeRawBufferPointer(start: nil, count: 0)
        let name: StaticString = "CMCD="
        let start = name.withUTF8Buffer { ByteSearch.firstIndex(of: UnsafeRawBufferPointer($0), in: query) }
        guard let start, start == 0 || query[start - 1] == UInt8(ascii: "&") else { return none }
        let end = ByteSearch.firstIndex(of: UInt8(ascii: "&"), in: query, from: start) ?? query.count
        guard let list = PercentEncoding.decode(query[(start + 5)..<end]) else { return none }
        decoded.removeAll()
        decoded.append(list)
        return decoded.readable
    }
}
