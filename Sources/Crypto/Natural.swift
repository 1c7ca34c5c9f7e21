/// A whole number from zero on, of any size, for protocols that compute with large numbers themselves.
public struct Natural: Sendable, Hashable {
    /// Its big-endian bytes without leading zeros; none at all for zero.
    public let bytes: [UInt8]

    /// The number that big-endian bytes stand for; leading zeros mean nothing.
    public init(_ bytes: [UInt8]) {
        self.bytes = Array(bytes.drop { $0 == 0 })
    }

    /// Whether it is zero.
    public var isZero: Bool { bytes.isEmpty }
}

extension Natural: Comparable {
    /// By value. The time tells how far two numbers of one length agree: not for secrets.
    public static func < (left: Natural, right: Natural) -> Bool {
        left.bytes.count == right.bytes.count
            ? left.bytes.lexicographicallyPrecedes(right.bytes) : left.bytes.count < right.bytes.count
    }
}
