internal import Audit
internal import Catalog
internal import HTTPServer
internal import HTTPWire

/// A person who is signed in with the browser that sent a request.
struct BrowserSession: Sendable {
    let record: IdentityBrowserSession
    let user: IdentityUser
}

extension IdentityService {
    /// How much older than its last use a session may seem to be, so that not every request writes.
    private static let useMilliseconds: Int64 = 60_000

    /// The cookie that says who is signed in.
    var browserCookie: PageCookie { PageCookie("session", isSecure: pagesAreSecure) }

    /// Whether people reach the pages with TLS, and cookies travel in nothing else.
    var pagesAreSecure: Bool { settings.publicURL.hasPrefix("https://") }

    /// Begins the session of a browser for a person who has proven who they are, inside the transaction that decides so.
    ///
    /// Its id is new each time, whatever cookie the browser had before.
    func signIn(
        _ user: IdentityUser, _ now: Int64, _ transaction: any IdentityTransaction
    ) throws -> SignInStep {
        let text = RandomName.token()
        try transaction.insert(
            IdentityBrowserSession(
                idHash: RandomName.hash(text), userId: user.id, poolId: user.poolId, authenticatedAt: now,
                expiresAt: now + settings.browserSessionSeconds * 1000))
        return .signedInBrowser(user, session: text)
    }

    /// Who is signed in with the browser that sent the request; nil for nobody, and for an account that is shut.
    func browserSession(of request: Request) async throws -> BrowserSession? {
        guard let text = browserCookie.value(in: request) else { return nil }
        let (hash, now) = (RandomName.hash(text), clock())
        guard let session = try await store.read({ try self.browserSession(idHash: hash, now: now, $0) }) else {
            return nil
        }
        AuditContext.identify(.user(session.user.id))
        guard now - session.record.usedAt > Self.useMilliseconds else { return session }
        return try await store.write { transaction in
            guard var current = try self.browserSession(idHash: hash, now: now, transaction)?.record else {
                return nil
            }
            current.usedAt = now
            try transaction.save(current)
            return session
        }
    }

    private func browserSession(
        idHash: [UInt8], now: Int64, _ reader: any IdentityReader
    ) throws -> BrowserSession? {
        guard let record = try reader.browserSession(idHash: idHash), record.poolId == settings.userPoolId,
            now < record.expiresAt, now < record.usedAt + settings.browserIdleSeconds * 1000,
            let user = try reader.user(id: record.userId), user.isEnabled
        else { return nil }
        return BrowserSession(record: record, user: user)
    }

    /// Ends the session of the browser that sent the request, if it has one; the answer should clear `browserCookie`.
    func endBrowserSession(of request: Request) async throws {
        guard let text = browserCookie.value(in: request) else { return }
        let (hash, now) = (RandomName.hash(text), clock())
        try await store.write { transaction in
            guard let session = try transaction.browserSession(idHash: hash) else { return }
            _ = try transaction.deleteBrowserSession(idHash: hash)
            let party = AuditParty.user(session.userId)
            try transaction.record(AuditAct(.signedOut, of: party, by: party), at: now)
        }
    }
}
