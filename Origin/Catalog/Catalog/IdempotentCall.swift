/// A call that its sender may repeat without its being carried out again, and what was answered.
public struct IdempotentCall: Sendable, Equatable {
    /// Who sent it: the id of an account or a machine.
    public let caller: String
    /// The sender's name for it.
    public let key: String
    /// Digest of method, path and body: another one under the same key is another call.
    public let fingerprint: [UInt8]
    /// Epoch milliseconds of the first time it came.
    public let createdAt: Int64
    /// The answer, sealed; nil until there is one.
    public var sealedAnswer: [UInt8]?

    /// A call that nobody has answered yet.
    public init(caller: String, key: String, fingerprint: [UInt8], createdAt: Int64) {
        self.caller = caller
        self.key = key
        self.fingerprint = fingerprint
        self.createdAt = createdAt
    }
}

/// Reads calls that may be repeated.
public protocol IdempotentCallReader {
    /// The call, or nil.
    func idempotentCall(caller: String, key: String) throws -> IdempotentCall?
}

/// Keeps calls that may be repeated.
public protocol IdempotentCallWriter {
    /// Adds a call, or stores the answer of one that is there.
    func save(_ call: IdempotentCall) throws
    /// Forgets a call.
    func deleteIdempotentCall(caller: String, key: String) throws
    /// Forgets at most `limit` calls that came before a time in epoch milliseconds.
    func deleteIdempotentCalls(before time: Int64, limit: Int) throws
}

enum IdempotentCallSchema {
    static let tables = """
        CREATE TABLE idempotent_calls (
            caller TEXT NOT NULL, key TEXT NOT NULL, fingerprint BLOB NOT NULL, created_at INTEGER NOT NULL,
            sealed_answer BLOB,
            PRIMARY KEY (caller, key)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX idempotent_calls_by_age ON idempotent_calls (created_at);
        """
}
