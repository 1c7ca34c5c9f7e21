internal import Audit
internal import HTTPServer
internal import HTTPWire
public import Identity

/// Who calls the API.
public struct Caller: Sendable, Equatable {
    /// The account's immutable id; of a machine `service:` and the name of its service account.
    public let id: String
    /// The account's name; of a machine the same as its id.
    public let name: String
    /// What the caller may do.
    public let role: Role

    /// Makes a caller.
    public init(id: String, name: String, role: Role) {
        self.id = id
        self.name = name
        self.role = role
    }
}

/// Knows whose access token it is.
public protocol BearerAuthenticator: Sendable {
    /// The account behind the token, or nil when the token is no good; throws when it cannot be told now.
    func caller(withToken token: String) async throws -> Caller?
}

extension AccessTokenVerifier: BearerAuthenticator {
    /// The account behind an access token of the user pool.
    public func caller(withToken token: String) async throws -> Caller? {
        do {
            let principal = try await verify(token)
            guard principal.actsForPerson else { return nil }
            return Caller(id: principal.sub, name: principal.username, role: role(of: principal))
        } catch is AccessTokenRefusal {
            return nil
        }
    }
}

extension APIServices {
    /// The caller, or nil for one who does not say who it is; a bad token is refused even where none is needed.
    ///
    /// Returns the request, too: what was signed has been read by then.
    func identified(_ request: Request) async throws -> (Request, Caller?) {
        if Self.isSigned(request) { return try await signer(of: request) }
        guard let token = try bearerToken(request) else { return (request, nil) }
        guard let caller = try await authenticator.caller(withToken: token) else { throw Problem.invalidToken }
        AuditContext.identify(.user(caller.id))
        return (request, caller)
    }

    /// Workers share one token that is no account's.
    func requireWorker(_ request: Request) throws {
        guard let token = try bearerToken(request) else { throw Problem.unauthenticated }
        guard workerToken.admits(token) else { throw Problem.invalidToken }
    }

    private func bearerToken(_ request: Request) throws(Problem) -> String? {
        switch request.bearerToken {
        case .absent: return nil
        case .malformed: throw .unauthenticated
        case .presented(let token): return token
        }
    }
}
