internal import Catalog
internal import EventLoop
internal import HTTPServer
internal import HTTPWire
internal import JSON
internal import Synchronization
internal import Telemetry

/// All user pools of an origin: finds the one that a request is about, and opens it when it is first named.
///
/// What a request says of itself only chooses the pool; that one then verifies it. A pool that another origin has made is found in
/// the store, and one that another has deleted is missed within seconds.
public final class UserPools: Sendable {
    private struct Opened {
        let service: IdentityService
        /// When the store last had it, in epoch milliseconds.
        var seenAt: Int64
    }

    private struct State {
        var opened: [String: Opened] = [:]
        /// The pools of clients, which never change.
        var clients: [String: String] = [:]
    }

    private static let trustMilliseconds: Int64 = 5_000
    private static let rememberedClients = 10_000

    /// The pool of the installation, which cannot be deleted.
    public let first: IdentityService
    private let keyMaker: BlockingPool
    private let state = Mutex(State())

    /// Throws what starting a thread throws.
    public init(first: IdentityService) throws {
        self.first = first
        keyMaker = try BlockingPool(name: "pool-keys", threads: 1, queueLimit: 1)
    }

    /// The pool that an operation is about; the first one for an operation about none, or about one that there is not.
    func service(for operation: CognitoOperation, _ input: CognitoInput) async throws -> IdentityService {
        // An administrator's word is taken at once, and nothing is left of a pool that goes.
        let isAdministration = operation.needsSignature
        let id =
            isAdministration ? try input.optionalText("UserPoolId") : try await pool(namedIn: input)
        guard let id, let service = try await service(ofPool: id, afresh: isAdministration) else { return first }
        if operation == .deleteUserPool { state.withLock { $0.opened[id] = nil } }
        return service
    }

    /// The pool of that id; nil where there is none.
    func service(ofPool id: String, afresh: Bool = false) async throws -> IdentityService? {
        guard id != first.settings.userPoolId else { return first }
        let now = first.clock()
        let known = state.withLock { $0.opened[id] }
        if let known, !afresh, now - known.seenAt < Self.trustMilliseconds { return known.service }
        guard try await first.store.read({ try $0.pool(id: id) }) != nil else {
            state.withLock { $0.opened[id] = nil }
            return nil
        }
        let service = if let known { known.service } else { try await IdentityService(id, beside: first) }
        state.withLock { $0.opened[id] = Opened(service: service, seenAt: now) }
        return service
    }

    private func pool(namedIn input: CognitoInput) async throws -> String? {
        if let client = try input.optionalText("ClientId") { return try await pool(ofClient: client) }
        if let token = try input.optionalText("AccessToken", limit: JSONWebToken.maximumBytes) {
            return JSONWebToken.unverifiedIssuer(token).flatMap { issuer in
                let base = first.settings.issuerBase + "/"
                return issuer.hasPrefix(base) ? String(issuer.dropFirst(base.count)) : nil
            }
        }
        guard let session = try input.optionalText("Session") else { return nil }
        let hash = RandomName.hash(session)
        return try await first.store.read { reader in
            try reader.session(idHash: hash).flatMap { try reader.user(id: $0.userId)?.poolId }
        }
    }

    private func pool(ofClient id: String) async throws -> String? {
        if let known = state.withLock({ $0.clients[id] }) { return known }
        guard let pool = try await first.store.read({ try $0.client(id: id)?.poolId }) else { return nil }
        state.withLock { state in
            if state.clients.count >= Self.rememberedClients { state.clients = [:] }
            state.clients[id] = pool
        }
        return pool
    }

    /// Keys and discovery of the pools that were made later.
    func addDiscovery(to router: inout Router) {
        router.add(.get, "/{userPool}/.well-known/jwks.json") { await self.document($0) { $0.keys.document } }
        router.add(.get, "/{userPool}/.well-known/openid-configuration") {
            await self.document($0) { .object($0.tokenDiscovery) }
        }
    }

    private func document(
        _ request: Request, _ content: @Sendable (IdentityService) -> JSONValue
    ) async -> Response {
        do {
            guard let id = request.parameters["userPool"], let service = try await service(ofPool: id) else {
                return .text(.notFound, "Not found\n")
            }
            return service.document(content(service))
        } catch {
            first.logger.error("a user pool could not be opened", ["error": .error(error)])
            return .text(.internalServerError, "Internal error\n")
        }
    }

    /// Lets the keys of the later pools take turns, and removes what is left of deleted ones, until the task is cancelled.
    public func run() async {
        while !Task.isCancelled {
            do {
                try await keepUp()
            } catch {
                first.logger.error("user pools not kept up, trying again", ["error": .error(error)])
            }
            try? await Task.sleep(for: TokenKeyKeeper.rest)
        }
    }

    func keepUp() async throws {
        try await first.removeDeletedPools()
        var after = ""
        while let pool = try await first.store.read({ [after] in try $0.pools(after: after, limit: 1).first }) {
            after = pool.id
            guard pool.id != first.settings.userPoolId, let service = try await service(ofPool: pool.id) else {
                continue
            }
            try await TokenKeyKeeper(service, pool: keyMaker).keepUp()
        }
    }
}
