import EventLoop
import HTTPClient
import HTTPWire
import Transport

/// How the servers of an origin are asked whether they are fit.
struct HealthCheck: Sendable, Equatable {
    /// Without the origin's own path.
    let path: String
    let interval: Duration
    /// For the connection and for the head, each.
    let timeout: Duration
    let statuses: Set<Int>
}

/// Checks every server of every origin that wants it, on one loop, over connections of its own. Loop-confined.
final class HealthChecker {
    private let client: HTTPClient
    private let upstream: Upstream
    private var rounds: [ServerChecks] = []

    /// - Parameter client: for the checks alone, so that they neither wait behind requests nor ride on old connections.
    init(client: HTTPClient, upstream: Upstream) {
        self.client = client
        self.upstream = upstream
    }

    /// Checks the servers of these origins from now on, and no others.
    func adoptOnLoop(_ origins: [OriginTarget]) {
        client.loop.assertOnLoop()
        for round in rounds { round.stopOnLoop() }
        rounds = origins.flatMap { origin -> [ServerChecks] in
            guard let check = origin.healthCheck else { return [] }
            return origin.servers.map { ServerChecks($0, of: origin, check, client: client, upstream: upstream) }
        }
        for round in rounds { round.checkOnLoop() }
    }

    func stopOnLoop() {
        adoptOnLoop([])
        client.shutdownOnLoop()
    }
}

/// One server's checks, one after the other.
private final class ServerChecks: ResponseReceiver {
    private let server: OriginServer
    private let origin: OriginTarget
    private let check: HealthCheck
    private let client: HTTPClient
    private let upstream: Upstream
    private var exchange: ClientExchange?
    private var timer: TimerToken?
    private var isFit = false
    private var bodyBytes = 0

    /// A longer answer is not read to its end.
    private static let bodyLimit = 65_536

    init(
        _ server: OriginServer, of origin: OriginTarget, _ check: HealthCheck, client: HTTPClient, upstream: Upstream
    ) {
        self.server = server
        self.origin = origin
        self.check = check
        self.client = client
        self.upstream = upstream
    }

    func checkOnLoop() {
        isFit = false
        bodyBytes = 0
        var request = ClientRequest(
            endpoint: server.endpoint, target: check.path,
            headers: ["Host": origin.authority, "User-Agent": "weir-edge", "Accept": "*/*"])
        request.connectTimeout = check.timeout
        request.responseTimeout = check.timeout
        request.idleTimeout = check.timeout
        exchange = client.startOnLoop(request, receiver: self)
    }

    func stopOnLoop() {
        exchange?.cancelOnLoop()
        exchange = nil
        if let timer { client.loop.cancelOnLoop(timer) }
        timer = nil
    }

    func headOnLoop(_ head: ClientResponseHead) {
        isFit = check.statuses.contains(head.status.code)
    }

    func bodyOnLoop(_ bytes: UnsafeRawBufferPointer) -> Flow {
        bodyBytes += bytes.count
        if bodyBytes > Self.bodyLimit {
            exchange?.cancelOnLoop()
            endOnLoop()
        }
        return .more
    }

    func endOnLoop() {
        finishOnLoop(isFit: isFit)
    }

    func failedOnLoop(_ error: ClientError) {
        finishOnLoop(isFit: false)
    }

    private func finishOnLoop(isFit: Bool) {
        exchange = nil
        upstream.checkedOnLoop(server.health, isFit: isFit)
        // A tenth more or less, so that many edges do not ask at the same moment for ever.
        let share = Int.random(in: 90...110)
        timer = client.loop.scheduleOnLoop(after: check.interval * share / 100) { [weak self] in
            self?.timer = nil
            self?.checkOnLoop()
        }
    }
}
