import AccessSigning
import Configuration
import EventLoop
import HTTPServer
import HTTPWire
import JSON
import Synchronization
import Telemetry

/// Reads the configuration again while the origin serves, and keeps what a reload may replace.
///
/// No connection and no running call notices: what was accepted goes on, the next call finds the new keys.
final class OriginReload: Sendable {
    /// Looked into by every API that takes signed calls.
    let keys: AccessKeyRing
    /// What the process was started with and serves by, but for what a reload replaces.
    private let settings: OriginSettings
    private let distributionIds: Mutex<[String]>
    private let proxies: Mutex<TrustedProxies>
    private let reread: @Sendable () throws -> OriginSettings
    private let files: BlockingPool
    private let logger: Logger

    /// - Parameter reread: reads and checks the document; blocks.
    init(
        _ settings: OriginSettings, logger: Logger, reread: @escaping @Sendable () throws -> OriginSettings
    ) throws {
        keys = AccessKeyRing(settings.accessKeys)
        self.settings = settings
        distributionIds = Mutex(settings.distributions)
        proxies = Mutex(settings.trustedProxies)
        self.reread = reread
        self.logger = logger
        files = try BlockingPool(name: "origin-reload", threads: 1, queueLimit: 8)
    }

    /// Ids that CloudFront's calls may name.
    var distributions: [String] { distributionIds.withLock { $0 } }

    /// Who is believed when they say whom they ask for.
    var trustedProxies: TrustedProxies { proxies.withLock { $0 } }

    /// What uploads are presigned with: the first key of role `admin`, of which the settings have one.
    func uploadCredentials(region: String) -> SigV4Credentials {
        guard let credentials = keys.credentials(of: .admin, region: region, service: "s3") else {
            preconditionFailure("settings without a key of role admin were taken over")
        }
        return credentials
    }

    /// Takes over what may be replaced.
    ///
    /// - Returns: the keys of the document that differ and wait for a restart; each is a line of the log.
    /// - Throws: what reading throws; the old configuration stays.
    @discardableResult
    func reload() async throws -> [String] {
        do {
            let wanted = try await files.run { [reread] in try reread() }
            keys.replace(with: wanted.accessKeys)
            distributionIds.withLock { $0 = wanted.distributions }
            proxies.withLock { $0 = wanted.trustedProxies }
            let waiting = settings.keysThatNeedRestart(for: wanted)
            for key in waiting { logger.warning("a setting needs a restart", ["key": .string(key)]) }
            logger.info("reloaded")
            return waiting
        } catch {
            logger.error("reload refused, the old configuration stays", ["reasons": .string("\(error)")])
            throw error
        }
    }

    /// `POST /reload` for whoever has the token; absent without one.
    func addRoute(to router: inout Router, token: String?) {
        guard let token else { return }
        router.add(.post, "/reload", SharedToken(token).guarding("the origin") { [self] _ in await answer() })
    }

    private func answer() async -> Response {
        do {
            let waiting = try await reload()
            return .json(.ok, ["reloaded": true, "needsRestart": .array(waiting.map { .string($0) })])
        } catch {
            let problems =
                (error as? ConfigurationRefused)?.problems
                ?? [ConfigurationProblem(path: "$", message: "\(error)")]
            let list = problems.map { problem -> JSONValue in
                ["path": .string(problem.path), "message": .string(problem.message)]
            }
            return .json(.unprocessableContent, ["error": "the old configuration stays", "problems": .array(list)])
        }
    }
}

extension OriginSettings {
    /// What differs in `wanted` and a reload cannot change.
    fileprivate func keysThatNeedRestart(for wanted: OriginSettings) -> [String] {
        var keys = document.differences(from: wanted.document).filter { !OriginParameters.reloadable.contains($0) }
        // Their source may be the same file with another content.
        let read = [
            ("adminToken", adminToken == wanted.adminToken), ("workerToken", workerToken == wanted.workerToken),
            ("mail", mail == wanted.mail),
        ]
        for (key, isSame) in read where !isSame && !keys.contains(key) { keys.append(key) }
        return keys
    }
}
