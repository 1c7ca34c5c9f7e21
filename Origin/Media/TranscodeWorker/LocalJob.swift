internal import EventLoop
internal import JSON
internal import Presentation
internal import Synchronization
internal import Transcode

/// The units of one upload, done on this machine in their order, some side by side, without an origin.
struct LocalJob: Sendable {
    /// What happens on the way, for people.
    struct Observer: Sendable {
        var planned: @Sendable (WorkPlan) -> Void = { _ in }
        /// Share of the work done, 0 to 1.
        var progressed: @Sendable (Double) -> Void = { _ in }
        var becamePlayable: @Sendable () -> Void = {}
    }

    /// What came of it.
    struct Result: Sendable {
        let plan: WorkPlan
        let renditions: JSONValue
        let notes: [UnitNotes]
        let usage: [ProcessUsage]
    }

    /// Descriptor of the upload.
    let input: Int32
    let publication: LocalPublication
    let options: TranscodeOptions
    /// What segments are encrypted with; nil leaves them in the clear.
    var contentKey: ContentKey?
    let limits: ChildProcess.Limits
    /// Units side by side.
    let sideBySide: Int
    /// At least one thread per unit side by side.
    let pool: BlockingPool
    let observer: Observer
    var start: Worker.Start = { try ChildProcess(input: $0, order: $1, limits: $2) }

    /// Throws `TranscodeFailure` for what is wrong with the upload; no child is left in any case.
    func run() async throws -> Result {
        let probe = try await runChild(.probe(options), .plan)
        guard let plan = probe.plan else { throw TranscodeFailure(reason: "No plan was made.") }
        try publication.begin(plan.outline, contentKey: contentKey)
        observer.planned(plan)
        var done = [probe]
        let waiting = Waiting(plan.units)
        try await withThrowingTaskGroup(of: [UnitRun.Result].self) { group in
            for _ in 0..<max(1, sideBySide) {
                group.addTask {
                    var results: [UnitRun.Result] = []
                    while let unit = waiting.next() {
                        results.append(
                            try await runChild(.unit(unit, media: plan.media), .segments(plan.outline, unit)))
                    }
                    return results
                }
            }
            for try await results in group { done += results }
        }
        return Result(
            plan: plan, renditions: try publication.finish(), notes: done.map(\.notes), usage: done.map(\.usage))
    }

    private func runChild(
        _ order: TranscodeOrder, _ request: UnitTranscript.Request
    ) async throws -> UnitRun.Result {
        let child = try await pool.run { [start, input, limits] in try start(input, order, limits) }
        let run = UnitRun(
            child: child, request: request, cipher: contentKey.map(SegmentCipher.init), destination: publication,
            pool: pool,
            report: { [publication, observer] segments in
                if try publication.commit(segments) { observer.becamePlayable() }
                observer.progressed(publication.progress)
            })
        return try await run.run()
    }
}

/// Units that nobody has begun, in their order.
private final class Waiting: Sendable {
    private let units: Mutex<ArraySlice<UnitOutline>>

    init(_ units: [UnitOutline]) { self.units = Mutex(units[...]) }

    func next() -> UnitOutline? { units.withLock { $0.popFirst() } }
}
