internal import Audit
internal import HTTPServer
internal import HTTPWire
public import Identity

/// Who calls the API.
public struct Caller: Sendable, Equatable {
    /// The account's immutable id.
    public let id: String
    /// The account's name.
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
    func caller(_ request: Request) async throws -> Caller? {
        guard let token = try bearerToken(request) else { return nil }
        guard let caller = try await authenticator.caller(withToken: token) else { throw Problem.invalidToken }
        AuditContext.identify(.user(caller.id))
        return caller
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
