internal import Audit
internal import Bytes
public import Catalog
internal import Crypto
internal import EventLoop
internal import JSON
public import Telemetry
public import WebFetch

/// One user pool behind the Cognito API and OpenID discovery.
///
/// Holds no state between requests but what client addresses have done lately: everything else lives in the store, so several
/// origins may serve one pool. Safe to call from any task.
public final class IdentityService: Sendable {
    let store: any IdentityStore
    let settings: IdentitySettings
    let delivery: any CodeDelivery
    let logger: Logger
    let clock: IdentityClock
    let sealer: SecretSealer
    let workers: IdentityWorkers
    /// Whether it is the installation's own pool, which cannot be deleted.
    let isOwn: Bool
    let keys: TokenKeys
    let issuer: TokenIssuer
    /// The sealed verifier of a password that nobody knows, opened where an account has none.
    let decoyVerifier: [UInt8]

    var passwords: Passwords { workers.passwords }
    var addressGate: AddressGate { workers.addressGate }
    var signInUses: SignInUses { workers.uses }
    var web: any WebFetching { workers.web }
    var providers: ProviderDirectory { workers.providers }

    /// Verifies the access tokens this service issues.
    public let tokenVerifier: AccessTokenVerifier

    /// Opens the pool, which `IdentityBootstrap` has set up.
    ///
    /// `web` asks outside providers; over HTTPS unless said otherwise. Throws when the sealing key is not the one the pool was
    /// set up with, and what the store throws.
    public convenience init(
        store: any IdentityStore, settings: IdentitySettings, delivery: any CodeDelivery, logger: Logger,
        metrics: MetricsRegistry = MetricsRegistry(), clock: @escaping IdentityClock = IdentityService.systemClock,
        web: (any WebFetching)? = nil
    ) async throws {
        let logger = logger.labelled("identity")
        try await self.init(
            store: store, settings: settings, delivery: delivery, logger: logger, clock: clock,
            workers: IdentityWorkers(
                settings, store: store, logger: logger, metrics: metrics, clock: clock, web: web), isOwn: true)
    }

    /// Opens another pool beside `first`, with its threads.
    convenience init(_ poolId: String, beside first: IdentityService) async throws {
        try await self.init(
            store: first.store, settings: first.settings.ofPool(poolId), delivery: first.delivery,
            logger: first.logger, clock: first.clock, workers: first.workers, isOwn: false)
    }

    private init(
        store: any IdentityStore, settings: IdentitySettings, delivery: any CodeDelivery, logger: Logger,
        clock: @escaping IdentityClock, workers: IdentityWorkers, isOwn: Bool
    ) async throws {
        self.store = store
        self.settings = settings
        self.delivery = delivery
        self.logger = logger
        self.clock = clock
        self.workers = workers
        self.isOwn = isOwn
        sealer = try await SecretSealer(
            keys: settings.sealingKeys, poolId: settings.userPoolId, store: store)
        let decoy = IdentityUser.decoy
        decoyVerifier = try sealer.seal(
            SRPVerifier(RandomName.token(), of: decoy.usernameKey, poolId: settings.userPoolId, sealer: sealer),
            of: decoy.id)
        keys = try await TokenKeys(store: store, poolId: settings.userPoolId, sealer: sealer)
        issuer = TokenIssuer(keys: keys, settings: settings, workers: workers)
        tokenVerifier = AccessTokenVerifier(store: store, keys: keys, settings: settings, clock: clock)
    }

    /// What lets the keys that sign tokens take turns; one in a process.
    public func keyKeeper() throws -> TokenKeyKeeper {
        TokenKeyKeeper(self, pool: try BlockingPool(name: "token-keys", threads: 1, queueLimit: 1))
    }

    /// The machine's clock, in epoch milliseconds.
    public static let systemClock: IdentityClock = { WallClock.nanoseconds() / 1_000_000 }

    /// The form under which a name is unique and found.
    static func usernameKey(_ username: String) -> String {
        username.lowercased()
    }

    /// Runs a transaction that may end in a refusal and still keep what it wrote, such as a counted failure.
    func commit<R: Sendable>(
        _ body: @escaping @Sendable (any IdentityTransaction) throws -> Result<R, CognitoError>
    ) async throws -> R {
        try await store.write(body).get()
    }

    /// Refuses a `UserPoolId` that is not this pool's.
    func checkPool(_ input: CognitoInput) throws {
        let id = try input.text("UserPoolId", limit: 55)
        guard id == settings.userPoolId else { throw CognitoError.unknownPool(id) }
    }

    /// The person behind the `AccessToken` of a self-service operation.
    func principal(_ input: CognitoInput) async throws -> Principal {
        let token = try input.text("AccessToken", limit: JSONWebToken.maximumBytes)
        let principal: Principal
        do {
            principal = try await tokenVerifier.verify(token)
        } catch let refusal as AccessTokenRefusal {
            throw switch refusal {
            case .invalid: CognitoError.invalidAccessToken
            case .expired: CognitoError.notAuthorized("Access Token has expired")
            case .revoked: CognitoError.notAuthorized("Access Token has been revoked")
            }
        }
        guard principal.actsForPerson else {
            throw CognitoError.notAuthorized("Access Token does not have required scopes")
        }
        AuditContext.identify(.user(principal.sub))
        return principal
    }

    /// Changes the account of a self-service operation in one transaction.
    func update<R: Sendable>(
        _ principal: Principal,
        _ body: @escaping @Sendable (inout IdentityUser, any IdentityTransaction) throws -> Result<R, CognitoError>
    ) async throws -> R {
        let now = clock()
        return try await commit { transaction in
            guard var user = try transaction.user(id: principal.sub) else {
                return .failure(.invalidAccessToken)
            }
            let result = try body(&user, transaction)
            if case .success = result {
                user.updatedAt = now
                try transaction.save(user)
            }
            return result
        }
    }
}
