internal import RelyingParty
internal import WebFetch

/// What outside providers say of themselves, with their keys, kept for an hour.
///
/// However many ask at once, a provider is asked once; one that could not be used is left alone for ten seconds, and its keys are
/// looked at again for an unknown key id once a minute at most, for anybody can send people who need them.
actor ProviderDirectory {
    struct Known: Sendable {
        let metadata: ProviderMetadata
        let keys: ProviderKeys
    }

    private struct Entry {
        var known: Known?
        var failure: (any Error)?
        /// Epoch milliseconds.
        var askedAt: Int64
        var asking: Task<Known, any Error>?
    }

    private static let keepMilliseconds: Int64 = 3_600_000
    private static let failureMilliseconds: Int64 = 10_000
    private static let keyMilliseconds: Int64 = 60_000

    private let web: any WebFetching
    private let clock: IdentityClock
    private var entries: [String: Entry] = [:]

    init(web: any WebFetching, clock: @escaping IdentityClock) {
        self.web = web
        self.clock = clock
    }

    /// What is known of a provider; throws `ProviderRefused`, `WebFetchFailed`, `BlockingPool.Overloaded`.
    func provider(_ issuer: String) async throws -> Known {
        guard let entry = entries[issuer] else { return try await ask(issuer) }
        let age = clock() - entry.askedAt
        if let known = entry.known, age < Self.keepMilliseconds { return known }
        if let failure = entry.failure, age < Self.failureMilliseconds { throw failure }
        return try await ask(issuer)
    }

    /// What is known of a provider whose keys lacked one; asked again unless that was done within the minute.
    func providerWithNewKeys(_ issuer: String) async throws -> Known {
        if let entry = entries[issuer], clock() - entry.askedAt < Self.keyMilliseconds {
            return try await provider(issuer)
        }
        return try await ask(issuer)
    }

    private func ask(_ issuer: String) async throws -> Known {
        if let asking = entries[issuer]?.asking { return try await asking.value }
        let web = web
        let asking = Task { try await Self.learn(issuer, web) }
        entries[issuer, default: Entry(askedAt: 0)].asking = asking
        let result = await asking.result
        var entry = Entry(askedAt: clock())
        switch result {
        case .success(let known): entry.known = known
        case .failure(let error): entry.failure = error
        }
        entries[issuer] = entry
        return try result.get()
    }

    private static func learn(_ issuer: String, _ web: any WebFetching) async throws -> Known {
        let address = try ProviderMetadata.address(ofIssuer: issuer)
        let document = try await web.fetch(WebRequest(address))
        guard document.status == 200 else {
            throw ProviderRefused("its discovery document is answered with \(document.status)")
        }
        let metadata = try ProviderMetadata(document.body, issuer: issuer)
        let keys = try await web.fetch(WebRequest(metadata.keysAddress))
        guard keys.status == 200 else { throw ProviderRefused("its key set is answered with \(keys.status)") }
        return Known(metadata: metadata, keys: try ProviderKeys(keys.body))
    }
}
