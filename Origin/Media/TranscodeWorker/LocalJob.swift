internal import EventLoop
internal import JSON
internal import Presentation
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
    /// Says which units run side by side; nothing runs yet.
    let admission: Admission
    /// At least one thread per unit side by side.
    let pool: BlockingPool
    let observer: Observer
    var start: Worker.Start = { try ChildProcess(input: $0, order: $1, threads: $2, limits: $3) }

    /// Throws `TranscodeFailure` for what is wrong with the upload; no child is left in any case.
    func run() async throws -> Result {
        let probe = try await runChild(.probe(options), .plan, threads: 1)
        guard let plan = probe.plan else { throw TranscodeFailure(reason: "No plan was made.") }
        try publication.begin(plan.outline, contentKey: contentKey)
        observer.planned(plan)
        var done = [probe]
        try await withThrowingTaskGroup(of: (Admission.Key, UnitRun.Result).self) { group in
            var (admission, waiting) = (admission, plan.units)
            while true {
                while let next = waiting.firstIndex(where: { admission.admits(mebibytes: $0.memoryMebibytes) }) {
                    let unit = waiting.remove(at: next)
                    let key = Admission.Key(jobId: "", number: unit.number, fence: 0)
                    let threads = admission.threads(forMebibytes: unit.memoryMebibytes)
                    admission.begin(key, memoryMebibytes: unit.memoryMebibytes)
                    group.addTask {
                        let order = TranscodeOrder.unit(unit, media: plan.media)
                        return (key, try await runChild(order, .segments(plan.outline, unit), threads: threads))
                    }
                }
                guard let (key, result) = try await group.next() else { break }
                admission.end(key)
                done.append(result)
            }
        }
        return Result(
            plan: plan, renditions: try publication.finish(), notes: done.map(\.notes), usage: done.map(\.usage))
    }

    private func runChild(
        _ order: TranscodeOrder, _ request: UnitTranscript.Request, threads: Int
    ) async throws -> UnitRun.Result {
        let child = try await pool.run { [start, input, limits] in try start(input, order, threads, limits) }
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
