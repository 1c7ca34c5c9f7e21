import AccessSigning
import Audit
import Catalog
import Crypto
import Telemetry
import TestKit
import Testing

@testable import ServiceAccounts

/// An origin's view of the service accounts in a folder that others may share.
private struct Origin {
    let catalog: SQLiteCatalog
    let ring = AccessKeyRing([AccessKey(id: "ADMIN", secret: "s", role: .admin)])
    let accounts: ServiceAccounts
    let logged = MemorySink()
    private let folder: TemporaryDirectory

    static let now: Int64 = 1_795_000_000_000

    init(_ folder: TemporaryDirectory, sealingKey: UInt8 = 7) throws {
        self.folder = folder
        catalog = try SQLiteCatalog(path: folder.file("catalog.sqlite"))
        accounts = ServiceAccounts(
            catalog: catalog, ring: ring, sealingKeys: try SealingKeys([UInt8](repeating: sealingKey, count: 32)),
            now: { Self.now },
            logger: Logger(label: "accounts", sink: logged))
    }

    /// Who a call is from that is signed with a key; nil when it is refused.
    func signer(_ id: String, _ secret: String, at seconds: Int64 = now / 1_000) -> AccessKey? {
        var request = SigV4Request(method: "GET", path: "/a", headers: [(name: "host", value: "origin.test")])
        request.headers += SigV4.sign(
            request,
            credentials: SigV4Credentials(
                accessKeyId: id, secretAccessKey: secret, region: "r1", service: "execute-api"),
            payloadHash: SigV4.emptyPayloadHash, epochSeconds: seconds)
        return try? ring.signature(
            of: request, payload: .hash(SigV4.emptyPayloadHash), regions: ["r1"], service: "execute-api",
            nowEpochSeconds: seconds
        ).key
    }

    func signer(_ key: ServiceAccounts.NewKey) -> AccessKey? { signer(key.id, key.secret) }

    func refusal(_ body: () async throws -> Void) async -> ServiceAccountRefusal.Code? {
        do {
            try await body()
            return nil
        } catch {
            return (error as? ServiceAccountRefusal)?.code
        }
    }
}

@Suite struct ServiceAccountsTests {
    @Test func `a new account's key signs at once, in its role and name`() async throws {
        let origin = try Origin(TemporaryDirectory())
        let (report, key) = try await origin.accounts.create(name: "encoder", role: .creator, by: "ann")
        #expect(report.account.isEnabled && report.keys.map(\.id) == [key.id])
        #expect(key.id.hasPrefix("AKIA") && key.id.count == 20 && key.secret.count == 40)
        let signer = origin.signer(key)
        #expect(signer?.account == "encoder" && signer?.role == .creator)
        #expect(origin.signer(key.id, "guess") == nil)
        #expect(origin.signer("ADMIN", "s")?.account == nil)
        let taken = await origin.refusal {
            _ = try await origin.accounts.create(name: "encoder", role: .admin, by: "x")
        }
        #expect(taken == .exists)
    }

    @Test func `a key takes another's place without a gap, and there are never more than two`() async throws {
        let origin = try Origin(TemporaryDirectory())
        let (_, first) = try await origin.accounts.create(name: "a", role: .worker, by: "ann")
        let second = try await origin.accounts.addKey(name: "a")
        #expect(origin.signer(first) != nil && origin.signer(second) != nil)
        #expect(await origin.refusal { _ = try await origin.accounts.addKey(name: "a") } == .tooManyKeys)
        try await origin.accounts.deleteKey(id: first.id, name: "a")
        #expect(origin.signer(first) == nil && origin.signer(second) != nil)
        #expect(await origin.refusal { try await origin.accounts.deleteKey(id: first.id, name: "a") } == .keyNotFound)
        #expect(await origin.refusal { _ = try await origin.accounts.addKey(name: "b") } == .notFound)
    }

    @Test func `a disabled account's keys are refused until it is enabled, a deleted one's for good`() async throws {
        let origin = try Origin(TemporaryDirectory())
        let (_, key) = try await origin.accounts.create(name: "a", role: .admin, by: "ann")
        #expect(try await !origin.accounts.setEnabled(false, name: "a").account.isEnabled)
        #expect(origin.signer(key) == nil)
        #expect(try await origin.accounts.setEnabled(true, name: "a").account.isEnabled)
        #expect(origin.signer(key) != nil)
        try await origin.accounts.delete(name: "a")
        #expect(origin.signer(key) == nil)
        #expect(try await origin.accounts.reports().isEmpty)
    }

    @Test func `another origin learns of keys and of their end when it keeps up, and after a restart`() async throws {
        let folder = TemporaryDirectory()
        let (here, there) = (try Origin(folder), try Origin(folder))
        let (_, key) = try await here.accounts.create(name: "a", role: .admin, by: "ann")
        #expect(there.signer(key) == nil)
        let keeper = ServiceAccountKeeper(there.accounts)
        try await keeper.keepUp()
        #expect(there.signer(key) != nil)
        try await here.accounts.deleteKey(id: key.id, name: "a")
        try await keeper.keepUp()
        #expect(there.signer(key) == nil)
    }

    @Test func `uses are written together, and only the latest`() async throws {
        let origin = try Origin(TemporaryDirectory())
        let (_, key) = try await origin.accounts.create(name: "a", role: .admin, by: "ann")
        func lastUsed() async throws -> Int64? { try await origin.accounts.reports()[0].keys[0].lastUsedAt }
        #expect(try await lastUsed() == nil)
        for second in 1...50 { _ = origin.signer(key.id, key.secret, at: 1_795_000_000 + Int64(second)) }
        #expect(origin.signer(key.id, "guess", at: 1_795_000_099) == nil)
        #expect(origin.ring.takeUses() == [key.id: 1_795_000_050])
        #expect(try await lastUsed() == nil)
        _ = origin.signer(key.id, key.secret, at: 1_795_000_060)
        #expect(try await lastUsed() == 1_795_000_060_000)
        #expect(origin.ring.takeUses().isEmpty)
    }

    @Test func `the catalog holds no secret, and another sealing key opens none`() async throws {
        let folder = TemporaryDirectory()
        let origin = try Origin(folder)
        let (_, key) = try await origin.accounts.create(name: "a", role: .admin, by: "ann")
        let sealed = try await origin.catalog.read { try $0.serviceAccountKeys()[0].sealedSecret }
        #expect(!String(decoding: sealed, as: UTF8.self).contains(key.secret))
        let other = try Origin(folder, sealingKey: 8)
        try await other.accounts.feedRing()
        #expect(other.signer(key) == nil)
        #expect(other.logged.lines.contains { $0.contains("cannot be opened") && $0.contains(key.id) })
    }

    @Test func `each change is an entry of the audit log, without the secret`() async throws {
        let origin = try Origin(TemporaryDirectory())
        let (_, key) = try await origin.accounts.create(name: "a", role: .viewer, by: "ann")
        for isEnabled in [false, false, true] { _ = try await origin.accounts.setEnabled(isEnabled, name: "a") }
        try await origin.accounts.deleteKey(id: key.id, name: "a")
        try await origin.accounts.delete(name: "a")
        let lines = try await origin.catalog.read { try $0.auditLines(after: 0, limit: 99) }.map(\.exported)
        let actions = [
            "service_account_created", "access_key_created", "service_account_disabled", "service_account_enabled",
            "access_key_deleted", "service_account_deleted",
        ]
        #expect(lines.count == actions.count)
        for (line, action) in zip(lines, actions) {
            #expect(line.contains("\"\(action)\"") && line.contains("\"account\":\"a\"") && !line.contains(key.secret))
        }
    }

    @Test func `an older view does not take the place of a newer one`() {
        var order = FeedOrder()
        let (slow, quick) = (order.begin(), order.begin())
        let (mayQuick, maySlow) = (order.mayEnd(quick), order.mayEnd(slow))
        let mayNext = order.mayEnd(order.begin())
        #expect(mayQuick && !maySlow && mayNext)
    }
}
