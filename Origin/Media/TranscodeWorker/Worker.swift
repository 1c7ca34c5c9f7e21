internal import EventLoop
internal import HTTPClient
internal import Synchronization
internal import Telemetry
internal import Transcode

/// Leases units of work, as many side by side as admission allows, and has each done by a child process of its own.
final class Worker: Sendable {
    /// Starts the process that does an order on what a descriptor holds, with so many threads.
    typealias Start = @Sendable (Int32, TranscodeOrder, Int, ChildProcess.Limits) throws -> any TranscodeProcess

    let settings: TranscoderSettings
    let origin: OriginClient
    let objects: ObjectClient
    let sources: SourceCache
    let pool: BlockingPool
    let log: Logger
    let metrics: WorkerMetrics
    let start: Start
    let pace = Mutex(WorkPace())
    private let state: Mutex<State>
    private let bell = Doorbell()

    private struct State {
        var isDraining = false
        var isAbandoned = false
        var admission: Admission
        var units: [Admission.Key: UnitState] = [:]
        var lease: Task<OriginClient.Lease, any Error>?
    }

    init(
        settings: TranscoderSettings, client: HTTPClient, pool: BlockingPool, log: Logger, metrics: WorkerMetrics,
        start: @escaping Start = { try ChildProcess(input: $0, order: $1, threads: $2, limits: $3) }
    ) {
        self.settings = settings
        self.pool = pool
        self.start = start
        self.log = log
        self.metrics = metrics
        origin = OriginClient(
            client: client, endpoint: settings.origin, token: settings.workerToken, workerId: settings.workerId)
        let objects = ObjectClient(client: client, endpoint: settings.objects, credentials: settings.credentials)
        self.objects = objects
        sources = SourceCache { [directory = settings.directory] source in
            try await objects.insist {
                try await SourceFile.download(source, from: objects, into: directory, pool: pool)
            }
        }
        state = Mutex(
            State(
                admission: Admission(
                    slots: settings.pool.lowerBound, memory: settings.memory, processors: Machine.processors)))
    }

    /// No further unit is begun; the call that waits for one ends.
    func drain() {
        let lease = state.withLock { state in
            state.isDraining = true
            return state.lease
        }
        lease?.cancel()
        bell.ring()
    }

    /// Ends the running units and gives them back to the queue.
    func abandon() {
        let units = state.withLock { state in
            state.isAbandoned = true
            return Array(state.units.values)
        }
        for unit in units { unit.end(.draining) }
    }

    /// Units that run, and how many may.
    var load: (running: Int, slots: Int) { state.withLock { ($0.admission.count, $0.admission.slots) } }

    /// Lets so many units run side by side from now on; those that run go on.
    func resize(to slots: Int) {
        state.withLock { $0.admission.slots = slots }
        metrics.resized(slots)
        bell.ring()
    }

    /// Threads for `unit`, by the units that have room beside it.
    func threads(for unit: LeasedUnit) -> Int {
        state.withLock { $0.admission.threads(forMebibytes: unit.memoryMebibytes) }
    }

    private var isDraining: Bool { state.withLock { $0.isDraining } }

    /// Works until drained; returns when its last unit is reported. An origin that is away is asked again, ever less often up
    /// to every 10 s.
    func run() async {
        metrics.resized(load.slots)
        await withDiscardingTaskGroup { group in
            var pause = Duration.milliseconds(250)
            while let offer = await nextOffer() {
                do {
                    guard let unit = try await lease(offer) else { continue }
                    pause = .milliseconds(250)
                    let state = begin(unit)
                    group.addTask {
                        await self.work(on: unit, state)
                        self.end(unit)
                    }
                } catch {
                    if isDraining { break }
                    metrics.leaseFailed()
                    log.warning("cannot lease a unit", ["error": .error(error)])
                    try? await objects.client.loop.sleep(for: pause)
                    pause = min(pause * 2, .seconds(10))
                }
            }
        }
    }

    /// What to ask for, once a further unit may begin; nil when no more may.
    private func nextOffer() async -> Int? {
        while true {
            let rings = bell.rings
            let (isDraining, offer) = state.withLock { ($0.isDraining, $0.admission.offer) }
            if isDraining { return nil }
            if let offer { return offer }
            await bell.wait(after: rings, upTo: .seconds(3600))
        }
    }

    private func lease(_ offer: Int) async throws -> LeasedUnit? {
        // A worker that is busy has less memory to offer than it may have soon, so it asks again soon.
        let wish = OriginClient.Wish(
            waitSeconds: load.running == 0 ? 20 : 5, memoryMebibytes: offer, sources: sources.jobIds)
        let call = Task(executorPreference: objects.client.loop) { [origin] in try await origin.lease(wish) }
        state.withLock { $0.lease = call }
        if isDraining { call.cancel() }
        defer { state.withLock { $0.lease = nil } }
        let answer = try await call.value
        metrics.backlog(answer.backlogSeconds)
        return answer.unit
    }

    private func begin(_ unit: LeasedUnit) -> UnitState {
        let unitState = UnitState()
        let mustStop = state.withLock { state in
            state.admission.begin(unit.admissionKey, memoryMebibytes: unit.memoryMebibytes)
            state.units[unit.admissionKey] = unitState
            return state.isDraining
        }
        if mustStop { unitState.end(.draining) }
        return unitState
    }

    private func end(_ unit: LeasedUnit) {
        state.withLock { state in
            state.admission.end(unit.admissionKey)
            state.units[unit.admissionKey] = nil
        }
        bell.ring()
    }
}
