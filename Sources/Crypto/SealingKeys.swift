internal import Bytes

/// The keys that secrets in a database are sealed under, kept elsewhere: the first seals, all of them open.
public struct SealingKeys: Sendable, Equatable {
    /// Each 32 bytes, the one in use first, then those it replaced.
    public let all: [[UInt8]]

    /// - Throws: `CryptoError` for none, one of another length, and one that is there twice.
    public init(_ keys: [[UInt8]]) throws(CryptoError) {
        guard !keys.isEmpty else { throw CryptoError("use sealing keys", reasons: ["there is none"]) }
        for (index, key) in keys.enumerated() {
            guard key.count == AESGCM.keyBytes else {
                throw CryptoError(
                    "use a sealing key", reasons: ["it has \(key.count) bytes and needs \(AESGCM.keyBytes)"])
            }
            guard !keys[..<index].contains(key) else {
                throw CryptoError("use sealing keys", reasons: ["number \(index + 1) is there already"])
            }
        }
        all = keys
    }

    /// Reads keys as operators keep them: 64 hexadecimal digits, one key a line; nil where it is anything else.
    public init?(text: String) {
        let lines = text.split(whereSeparator: \.isNewline).map { Hex.decode($0) }
        guard let keys = try? SealingKeys(lines.map { $0 ?? [] }) else { return nil }
        self = keys
    }

    /// One key.
    public init(_ key: [UInt8]) throws(CryptoError) { try self.init([key]) }

    /// The key that seals.
    public var current: [UInt8] { all[0] }
    /// The key that has been there longest.
    public var oldest: [UInt8] { all[all.count - 1] }

    /// What tells a key apart in what is sealed; it reveals nothing of the key.
    public static func id(of key: [UInt8]) -> [UInt8] {
        Array(HMAC.sha256(key: key, message: Array("weir sealing key id".utf8)).prefix(4))
    }
}
