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
    /// Whether the account is in the group `admin`.
    public let isAdministrator: Bool

    /// Makes a caller.
    public init(id: String, name: String, isAdministrator: Bool) {
        self.id = id
        self.name = name
        self.isAdministrator = isAdministrator
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
            return Caller(
                id: principal.sub, name: principal.username, isAdministrator: principal.groups.contains("admin"))
        } catch is AccessTokenRefusal {
            return nil
        }
    }
}

extension APIServices {
    /// The caller, or nil without a token; a bad token is refused even where none is needed.
    func optionalCaller(_ request: Request) async throws -> Caller? {
        guard let token = try bearerToken(request) else { return nil }
        guard let caller = try await authenticator.caller(withToken: token) else { throw Problem.invalidToken }
        AuditContext.identify(.user(caller.id))
        return caller
    }

    func caller(_ request: Request) async throws -> Caller {
        guard let caller = try await optionalCaller(request) else { throw Problem.unauthenticated }
        return caller
    }

    func administrator(_ request: Request) async throws -> Caller {
        let caller = try await caller(request)
        guard caller.isAdministrator else { throw Problem.forbidden }
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
