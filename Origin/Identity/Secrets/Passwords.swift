internal import Catalog
internal import CommonPasswords
internal import Crypto
internal import EventLoop

/// Hashes and checks passwords on threads of their own, a bounded number at a time.
final class Passwords: Sendable {
    /// ASVS 6.2.1 and 6.2.9: length counts, composition does not.
    static let lengths = 8...256

    private let parameters: Argon2id.Parameters
    private let pool: BlockingPool
    /// Checked when there is no account, so that its absence takes as long as a wrong password.
    private let decoy: String

    init(settings: IdentitySettings) throws {
        parameters = settings.passwordHash
        pool = try BlockingPool(
            name: "identity", threads: settings.hashThreads, queueLimit: settings.hashQueueLimit)
        decoy = try Argon2id.hash(SecureRandom.bytes(32), parameters: settings.passwordHash)
    }

    /// Whether the password has that hash; always false, after the same work, for no hash.
    ///
    /// Throws `BlockingPool.Overloaded` when too many are waiting.
    func verify(_ password: String, hash: String?) async throws -> Bool {
        let decoy = decoy
        return try await pool.run {
            let isRight = Argon2id.verify(Array(password.utf8), encoded: hash ?? decoy)
            return isRight && hash != nil
        }
    }

    func needsRehash(_ hash: String) -> Bool {
        Argon2id.needsRehash(hash, parameters: parameters)
    }

    /// Runs other slow arithmetic, such as signing, on the same threads; throws as `verify` does.
    func run<R: Sendable>(_ body: @escaping @Sendable () throws -> R) async throws -> R {
        try await pool.run(body)
    }

    /// Refuses a password that is too short or too long, one of those that are tried first, and the name of its owner; there
    /// are no rules about its characters.
    ///
    /// - Parameter names: what its owner is known by: the user name and addresses, as far as they are known.
    static func checkPolicy(_ password: String, of names: String?...) throws(CognitoError) {
        guard password.unicodeScalars.count >= lengths.lowerBound else { throw .unfitPassword("not long enough") }
        guard password.unicodeScalars.count <= lengths.upperBound else { throw .unfitPassword("too long") }
        guard !CommonPasswords.contains(password) else { throw .unfitPassword("is one of the most common") }
        let typed = password.lowercased()
        for name in names.compactMap({ $0?.lowercased() }) where typed == name || name.hasPrefix(typed + "@") {
            throw .unfitPassword("is the name of the account")
        }
    }

    /// As above, for somebody's account.
    static func checkPolicy(_ password: String, of user: IdentityUser) throws(CognitoError) {
        try checkPolicy(password, of: user.username, user.attributes["email"])
    }
}

extension CognitoError {
    fileprivate static func unfitPassword(_ reason: String) -> CognitoError {
        invalidPassword("Password did not conform with policy: Password \(reason)")
    }
}
