internal import Bytes
internal import Crypto

/// The keys of a log, one for each sealing key: the first writes, and all of them are known from entries that name them.
public struct AuditKeys: Sendable {
    /// The one in use first, then those it replaced.
    let all: [AuditKey]

    /// The keys that belong to sealing keys, the one in use first; there must be one.
    public init(sealingKeys: [[UInt8]]) {
        precondition(!sealingKeys.isEmpty, "an audit log needs a key")
        all = sealingKeys.map(AuditKey.init)
    }

    /// The key that writes.
    var writing: AuditKey { all[0] }

    /// The key of that id; nil for one of somebody else.
    subscript(id: String) -> AuditKey? { all.first { $0.id == id } }
}

/// What the chain is keyed with; whoever does not have it can neither write an entry nor change one unnoticed.
public struct AuditKey: Sendable {
    private let bytes: [UInt8]
    /// Tells keys apart: eight hexadecimal digits that reveal nothing of the key.
    public let id: String

    /// The key that belongs to a sealing key, which is kept outside of the database.
    public init(sealingKey: [UInt8]) {
        bytes = HMAC.sha256(key: sealingKey, message: Array("weir audit log".utf8))
        id = Hex.encode(HMAC.sha256(key: bytes, message: Array("id".utf8)).prefix(4))
    }

    /// The hash of an entry behind the one whose hash is `previous`: of `entry`, those 32 bytes and the text.
    func hash(of text: String, after previous: [UInt8]) -> [UInt8] {
        HMAC.sha256(key: bytes, message: Array("entry".utf8) + previous + Array(text.utf8))
    }

    /// What proves that the log has once ended at `mark`: the code of `head` and the mark's text.
    func seal(of mark: AuditMark) -> [UInt8] {
        HMAC.sha256(key: bytes, message: Array("head\(mark)".utf8))
    }
}
