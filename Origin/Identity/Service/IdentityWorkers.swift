internal import Catalog
internal import EventLoop
internal import Telemetry
internal import WebFetch

/// The threads of an origin for what takes long, and what it keeps in memory: one for all pools, so that more pools cost no more.
struct IdentityWorkers: Sendable {
    /// Hashes passwords.
    let passwords: Passwords
    /// Signing takes long for an event loop, and must not wait for hashes of passwords.
    let signing: BlockingPool
    let uses: SignInUses
    let addressGate: AddressGate

    /// Asks outside providers.
    let web: any WebFetching
    let providers: ProviderDirectory

    init(
        _ settings: IdentitySettings, store: any IdentityStore, logger: Logger, metrics: MetricsRegistry,
        clock: @escaping IdentityClock, web: (any WebFetching)?
    ) throws {
        passwords = try Passwords(settings: settings)
        signing = try BlockingPool(
            name: "tokens", threads: settings.signingThreads, queueLimit: settings.signingQueueLimit)
        uses = SignInUses(store: store, logger: logger)
        addressGate = AddressGate(settings.addressLimits, metrics)
        let web = try web ?? WebFetch(authorities: settings.providerAuthorities)
        self.web = web
        providers = ProviderDirectory(web: web, clock: clock)
    }
}
