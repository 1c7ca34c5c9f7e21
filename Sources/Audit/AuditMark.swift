internal import Bytes
internal import Crypto

/// A place in the log with everything before it: an entry's number and its hash, `N:HASH` in text.
///
/// Noted elsewhere it shows later whether the log up to there is still the same.
public struct AuditMark: Sendable, Equatable, CustomStringConvertible {
    /// The bytes of a hash.
    static let hashBytes = 32

    /// The number of the entry; 0 before the first.
    public let sequence: Int64
    /// The entry's hash; zeros before the first.
    public let hash: [UInt8]

    /// The place behind an entry.
    public init(sequence: Int64, hash: [UInt8]) {
        self.sequence = sequence
        self.hash = hash
    }

    /// The place before the first entry.
    public static let beginning = AuditMark(sequence: 0, hash: [UInt8](repeating: 0, count: hashBytes))

    /// Reads `N:HASH`.
    public init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let number = ASCII.parseDecimal(parts[0]), let sequence = Int64(exactly: number),
            let hash = Hex.decode(parts[1]), hash.count == Self.hashBytes
        else { return nil }
        self.init(sequence: sequence, hash: hash)
    }

    /// `N:HASH`, the hash in hexadecimal.
    public var description: String { "\(sequence):\(Hex.encode(hash))" }
}

/// Where the log ends, sealed, so that the end cannot be moved to another entry by somebody without the key.
public struct AuditHead: Sendable, Equatable {
    /// The last entry.
    public let mark: AuditMark
    /// Empty before the first entry.
    public let seal: [UInt8]

    /// A head as it was stored.
    public init(mark: AuditMark, seal: [UInt8]) {
        self.mark = mark
        self.seal = seal
    }

    /// Whether the log has once ended here, as far as the holder of any of the keys knows.
    func isGenuine(under keys: AuditKeys) -> Bool { keys.all.contains { isGenuine(under: $0) } }

    init(_ mark: AuditMark, under key: AuditKey) {
        self.init(mark: mark, seal: key.seal(of: mark))
    }

    /// Whether the log has once ended here, as far as the key's holder knows.
    func isGenuine(under key: AuditKey) -> Bool {
        mark == .beginning ? seal.isEmpty : constantTimeEqual(seal, key.seal(of: mark))
    }
}
