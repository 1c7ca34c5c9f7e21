internal import Bytes

/// What a client says about the order of responses (RFC 9218).
public struct HTTP2Priority: Sendable, Equatable {
    /// 0 (first) to 7.
    public var urgency: UInt8 = 3
    /// Whether the response may be interleaved with others of its urgency. A client that says nothing shares, which the
    /// standard leaves to the server.
    public var isIncremental = true

    /// What holds for a client that says nothing.
    public init() {}

    /// Reads a `Priority` field, a dictionary of structured fields; what is not understood is passed over.
    public init(_ value: UnsafeRawBufferPointer) {
        isIncremental = false
        var start = 0
        while start < value.count {
            let end = ByteSearch.firstIndex(of: UInt8(ascii: ","), in: value, from: start) ?? value.count
            take(ASCII.trimmed(UnsafeRawBufferPointer(rebasing: value[start..<end])))
            start = end + 1
        }
    }

    private mutating func take(_ member: UnsafeRawBufferPointer) {
        if member.count == 3, member[0] == UInt8(ascii: "u"), member[1] == UInt8(ascii: "="),
            UInt8(ascii: "0")...UInt8(ascii: "7") ~= member[2]
        {
            urgency = member[2] - UInt8(ascii: "0")
        } else if member.first == UInt8(ascii: "i") {
            isIncremental = member.count == 1 || ByteSearch.equal(member, "i=?1")
        }
    }
}
