internal import AccessSigning
internal import EventLoop
internal import Presentation
internal import Transcode

/// One attempt at one unit: a jailed child produces events; this holds them against what was asked for, stores what they carry
/// and reports it, each segment only after it is stored.
struct UnitRun: Sendable {
    /// What a child has done.
    struct Result: Sendable {
        /// Of a probe.
        var plan: WorkPlan?
        /// What it noticed on the way.
        var notes = UnitNotes()
        /// What it took.
        var usage = ProcessUsage()
        /// Bytes of segments that had to be stored.
        var bytes = 0
    }

    let child: any TranscodeProcess
    let request: UnitTranscript.Request
    /// Hashes of segments that need no storing again.
    var stored: [LeasedUnit.Place: String] = [:]
    /// For a presentation that is encrypted.
    var cipher: SegmentCipher?
    let destination: any Destination
    /// Where the child's output is waited for: a thread per child.
    let pool: BlockingPool
    /// Commits stored segments.
    let report: @Sendable ([StoredSegment]) async throws -> Void
    /// A sign of life, with the share of the unit that is done if the child says it.
    var moved: @Sendable (Double?) -> Void = { _ in }

    /// Runs until the child is done, or the task is cancelled.
    ///
    /// Throws `TranscodeFailure` for what is wrong with the upload or the child, and what the destination or the report throws;
    /// the child is gone in every case.
    func run() async throws -> Result {
        let outcome: Swift.Result<Result, any Error>
        do {
            outcome = .success(
                try await withTaskCancellationHandler {
                    try await converse()
                } onCancel: {
                    child.kill()
                })
        } catch {
            outcome = .failure(error)
        }
        // Whatever it still does is of no use; one that has ended keeps its exit status.
        child.kill()
        let exit = await collect()
        switch outcome {
        case .success(var result):
            result.usage = exit.usage
            return result
        case .failure(let ending as ChildEnded):
            try Task.checkCancellation()
            throw Self.failure(of: exit, ending: ending)
        case .failure(let error): throw error
        }
    }

    /// Waits for the ended child. The wait is done here if the pool cannot: a process must never stay a zombie.
    private func collect() async -> ProcessExit {
        let waiting = Task { [pool, child] in try await pool.run { child.wait() } }
        do {
            return try await waiting.value
        } catch {
            return child.wait()
        }
    }

    /// The child stopped speaking without saying that it finished or failed, or broke the protocol.
    struct ChildEnded: Error {
        let violation: String?
    }

    private enum Part: Sendable {
        case read
        case stored(Result)
        case reported
    }

    private func converse() async throws -> Result {
        let queue = EventQueue()
        let reports = SegmentReports(send: report)
        return try await withThrowingTaskGroup(of: Part.self) { group in
            // Ends the wait for the pipe, without which the group would never end.
            defer { child.kill() }
            group.addTask {
                try await read(into: queue)
                return .read
            }
            group.addTask {
                try await reports.run()
                return .reported
            }
            group.addTask {
                defer { reports.close() }
                return .stored(try await store(from: queue, reports))
            }
            var (result, isReported): (Result?, Bool) = (nil, false)
            while let part = try await group.next() {
                switch part {
                case .read: break
                case .stored(let stored): result = stored
                case .reported: isReported = true
                }
                if let result, isReported {
                    group.cancelAll()
                    return result
                }
            }
            throw ChildEnded(violation: nil)
        }
    }

    private func read(into queue: EventQueue) async throws {
        var reader = TranscodeEventReader()
        while let bytes = try await pool.run({ [child] in child.read() }) {
            moved(nil)
            reader.append(bytes)
            while let event = try next(&reader) { try await queue.push(event) }
        }
        queue.close()
    }

    private func next(_ reader: inout TranscodeEventReader) throws -> TranscodeEvent? {
        do {
            return try reader.next()
        } catch {
            throw ChildEnded(violation: error.description)
        }
    }

    private func store(from queue: EventQueue, _ reports: SegmentReports) async throws -> Result {
        var transcript = UnitTranscript(request)
        var result = Result()
        do {
            while let event = try await queue.next() {
                switch event {
                case .planned(let plan):
                    try transcript.planned(plan)
                case .initialization(let rendition, let bytes):
                    let folder = try transcript.initialization(of: rendition, bytes: bytes.count)
                    let path = "\(folder)/\(Presentation.initializationName)"
                    try await destination.put(path, bytes, hash: SigV4.payloadHash(bytes), as: .initialization)
                case .segment(let rendition, let number, let duration, let bytes, let fragments):
                    let path = try transcript.segment(
                        number, of: rendition, bytes: bytes.count, durationMicroseconds: duration,
                        fragments: fragments)
                    let (content, parts) = try sealed(bytes, of: rendition, number: number, fragments: fragments)
                    let segment = StoredSegment(
                        rendition: rendition, number: number, bytes: content.count, durationMicroseconds: duration,
                        sha256: SigV4.payloadHash(content), fragments: parts)
                    if try await keep(segment, content, at: path, reports) { result.bytes += content.count }
                case .progress(let fraction):
                    moved(fraction)
                case .finished(let notes):
                    try transcript.finished()
                    result.plan = transcript.plan
                    result.notes = notes
                    return result
                case .failed(let failure):
                    throw failure
                }
            }
        } catch let violation as UnitTranscript.Violation {
            throw ChildEnded(violation: violation.description)
        }
        throw ChildEnded(violation: nil)
    }

    /// A segment as it is stored: encrypted where its presentation is, unless players could not decrypt it.
    private func sealed(
        _ bytes: [UInt8], of rendition: Int, number: Int, fragments: [StoredSegment.Fragment]
    ) throws -> (bytes: [UInt8], fragments: [StoredSegment.Fragment]) {
        guard let cipher, case .segments(let outline, _) = request, outline.renditions[rendition].isEncryptable else {
            return (bytes, fragments)
        }
        return try cipher.encrypt(bytes, number: number, fragments: fragments)
    }

    /// Stores and reports a segment unless it is committed; false if it is.
    private func keep(
        _ segment: StoredSegment, _ bytes: [UInt8], at path: String, _ reports: SegmentReports
    ) async throws -> Bool {
        if let hash = stored[.init(rendition: segment.rendition, number: segment.number)] {
            guard hash == segment.sha256 else {
                throw TranscodeFailure(
                    reason: "A part that was made twice came out differently, so neither can be trusted.",
                    detail: "\(path): \(hash) is stored, \(segment.sha256) was made now", isRetryable: true)
            }
            return false
        }
        try await destination.put(path, bytes, hash: segment.sha256, as: FileKind(segment: path))
        reports.add(segment)
        return true
    }
}
