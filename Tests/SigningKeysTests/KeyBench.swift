import AccessSigning
import Catalog
import Crypto
import EdgeControl
import EventLoop
import Synchronization
import Telemetry
import TestKit

@testable import SigningKeys

/// Keys of the group `playback` in a catalog of their own, with a clock that a test moves and edges that it plays.
final class KeyBench: Sendable {
    let catalog: SQLiteCatalog
    let log: ControlLog
    let keys: SigningKeys
    let keeper: KeyKeeper
    let logged = MemorySink()
    private let clock = Mutex<Int64>(1_795_000_000_000)
    private let folder: TemporaryDirectory

    static let grantSeconds: Int64 = 3_600

    /// - Parameter folder: with the catalog of a bench before, if it is to be opened again.
    init(
        folder: TemporaryDirectory = TemporaryDirectory(), sealingKey: UInt8 = 7, groupId: String = "playback",
        grantSeconds: Int64 = KeyBench.grantSeconds
    ) throws {
        self.folder = folder
        catalog = try SQLiteCatalog(path: folder.file("catalog.sqlite"))
        nonisolated(unsafe) weak var bench: KeyBench?
        let now: @Sendable () -> Int64 = { bench?.now ?? 0 }
        log = ControlLog(catalog: catalog, now: now)
        keys = try SigningKeys(
            catalog: catalog, log: log, sealingKeys: try SealingKeys([UInt8](repeating: sealingKey, count: 32)),
            groupId: groupId,
            grantSeconds: Int(grantSeconds), now: now, logger: Logger(label: "keys", sink: logged))
        keeper = KeyKeeper(keys)
        bench = self
    }

    var now: Int64 { clock.withLock { $0 } }

    func advance(seconds: Int64) { clock.withLock { $0 += seconds * 1_000 } }

    /// Lets an edge be connected and have carried out everything up to `sequence`.
    func edge(_ id: String, at sequence: Int64) async throws {
        let edge = FollowingEdge(id: id, acknowledged: sequence, connectedUntil: now + 30_000)
        try await catalog.write { try $0.note(edge) }
    }

    func latest() async throws -> Int64 { try await catalog.read { try $0.controlLogExtent().latest } }

    func state(_ id: String) async throws -> SigningKey.State { try await keys.report(id: id).key.state }

    /// The ids of the keys in the last order, by group; nil when it was no order about keys.
    func lastOrder() async throws -> [String: [String]]? {
        let groups = try await catalog.read { reader in
            let latest = try reader.controlLogExtent().latest
            return try reader.controlEntries(after: latest - 1, limit: 1).first.flatMap { entry in
                try JSONText(entry.body).groups
            }
        }
        return groups
    }

    /// Whether what is signed now names this key.
    func signs(as id: String) async throws -> Bool {
        let cookies = try await keys.signer().cookies(CloudFrontPolicy(resource: "*", expires: 1_900_000_000))
        return cookies.contains { $0.name == "CloudFront-Key-Pair-Id" && $0.value == id }
    }

    /// Whether an edge that trusts this key only lets in who has what is signed now.
    func opens(with key: SigningKey) async throws -> Bool {
        let url = "http://edge.test/media/v/a.m4s"
        let signed = try await keys.signer().signedURL(url, expires: now / 1_000 + 60)
        let query = Array(signed.utf8.dropFirst(url.utf8.count + 1))
        let verifier = SignedAccessVerifier(keys: [key.id: try PublicKey(pem: key.publicKey)])
        var memo = AccessMemo()
        return Array("edge.test".utf8).withUnsafeBytes { host in
            Array("/media/v/a.m4s".utf8).withUnsafeBytes { path in
                query.withUnsafeBytes { query in
                    let request = AccessRequest(
                        isTLS: false, host: host, path: path, query: query, cookieField: nil, peer: nil,
                        nowEpochSeconds: now / 1_000)
                    if case .allowed = verifier.check(request, cookies: { SignedCookies() }, memo: &memo) {
                        return true
                    }
                    return false
                }
            }
        }
    }

    static let imported: PrivateKey = {
        guard let key = try? PrivateKey.generateRSA() else { fatalError("no RSA key") }
        return key
    }()

    /// A bench whose group has the key `KFIRST`.
    static func prepared() async throws -> KeyBench {
        let bench = try KeyBench()
        try await bench.keys.prepare(importing: SigningKeys.Imported(id: "KFIRST") { imported })
        return bench
    }
}
