import Conformance
import Daemon
import HTTPWire

/// A video of the installation: through its edge, as a player gets it, and a second time out of the cache.
struct VideoCheck {
    let video: String
    let options: ConformanceCheck.Options
    let isJSON: Bool

    func run(ready: ReadyFile) async throws -> ConformanceReport {
        let cookies = try await cookies(ready: ready)
        let address = "\(try ready["edge"])/media/\(video)/index.m3u8"
        guard let home = HTTPURL(address) else { throw CommandFailure("\(address) is no address that can be fetched") }
        return try await CheckCommand.withClient { client in
            let resources = try HTTPResources(client: client, home: home, headers: [("Cookie", cookies)])
            let report = await CheckCommand.check(address, options) { await resources.fetch($0) }
            if report.verdict != .unchecked { try await expectHits(resources) }
            return report
        }
    }

    private func expectHits(_ resources: HTTPResources) async throws {
        let fetched = resources.fetched
        var hits = 0
        for object in fetched where await resources.isHit(object) { hits += 1 }
        guard hits == fetched.count else {
            throw CommandFailure("\(fetched.count - hits) of \(fetched.count) objects missed the cache twice")
        }
        if !isJSON { Terminal.output("\(video): second pass \(hits) hits of \(fetched.count)\n\n") }
    }

    /// What a player gets: from the origin, which knows the key that signs. Private videos need the administrator's password.
    private func cookies(ready: ReadyFile) async throws -> String {
        try await ServiceConnection.with(base: try ready["origin"]) { origin in
            let target = "/api/v1/videos/\(video)/playback"
            let answer = try await origin.post(target, bearer: try? await origin.signIn(ready))
            guard answer.status.code == 200 else {
                throw CommandFailure("\(target) answered \(answer.status.code): is \(video) a video that plays?")
            }
            return answer.headers.values("set-cookie")
                .compactMap { $0.split(separator: ";").first.map(String.init) }.joined(separator: "; ")
        }
    }
}
