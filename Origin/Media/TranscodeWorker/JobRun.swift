internal import Bytes
internal import Crypto
internal import EventLoop
internal import JSON
internal import Playlist
internal import Presentation
internal import Transcode

/// One attempt at one upload: a jailed child produces events, this stores what they carry, in an order in which no
/// playlist ever names a file that is not there.
final class JobRun: Sendable {
    /// What the origin is told of a finished job.
    struct Result: Sendable {
        let durationSeconds: Double
        let presentation: Presentation
        let explanation: JSONValue
    }

    /// What happens on the way.
    struct Observer: Sendable {
        /// The child gave a sign of life.
        var moved: @Sendable () -> Void = {}
        /// The plan is made; pictures are being encoded.
        var started: @Sendable (PresentationOutline) async throws -> Void
        /// Share of the film done, 0 to 1.
        var progressed: @Sendable (Double) async -> Void
        /// The first segment of every rendition and all playlists are stored.
        var becamePlayable: @Sendable (Presentation) async throws -> Void
        /// The child is about to be collected; its process number must not be used from here on.
        var ended: @Sendable () -> Void = {}
    }

    private let child: any TranscodeProcess
    private let destination: any Destination
    private let pool: BlockingPool
    private let observer: Observer

    init(child: any TranscodeProcess, destination: any Destination, pool: BlockingPool, observer: Observer) {
        self.child = child
        self.destination = destination
        self.pool = pool
        self.observer = observer
    }

    /// Runs until the child is done.
    ///
    /// Throws `TranscodeFailure` for what is wrong with the upload or the child, and what the destination or the
    /// observer throws; the child is gone in every case.
    func run() async throws -> Result {
        let outcome: Swift.Result<Result, any Error>
        do {
            outcome = .success(try await consume())
        } catch {
            if !(error is ChildEnded) { child.kill() }
            outcome = .failure(error)
        }
        observer.ended()
        let exit = await collect()
        switch outcome {
        case .success(let result): return result
        case .failure(let ending as ChildEnded): throw Self.failure(of: exit, ending: ending)
        case .failure(let error): throw error
        }
    }

    /// Waits for the ended child. The wait is done here if the pool cannot: a process must never stay a zombie.
    private func collect() async -> ProcessExit {
        do {
            return try await pool.run { [child] in child.wait() }
        } catch {
            return child.wait()
        }
    }

    /// The child stopped speaking without saying that it finished or failed.
    struct ChildEnded: Error {
        let violation: String?
    }

    private func consume() async throws -> Result {
        var reader = TranscodeEventReader()
        var presentation: Presentation?
        var isPlayable = false
        while let bytes = try await pool.run({ [child] in child.read() }) {
            observer.moved()
            reader.append(bytes)
            while let event = try next(&reader) {
                switch event {
                case .started(let outline):
                    guard presentation == nil else { throw violation("it started twice") }
                    presentation = Presentation(outline: outline)
                    try await observer.started(outline)
                case .initialization(let rendition, let bytes):
                    let name = try folder(of: rendition, in: presentation)
                    try await destination.put("\(name)/\(Presentation.initializationName)", bytes, as: .initialization)
                case .segment(let rendition, let number, let duration, let bytes):
                    let path = "\(try folder(of: rendition, in: presentation))/\(StoredSegment.fileName(number))"
                    try await destination.put(path, bytes, as: .segment)
                    let addition = presentation?.add(
                        StoredSegment(
                            rendition: rendition, number: number, bytes: bytes.count, durationMicroseconds: duration,
                            sha256: Hex.encode(Digest.sha256(bytes))))
                    guard addition == .added, let presentation else {
                        throw violation("segment \(path) is out of order")
                    }
                    if isPlayable {
                        try await write(rendition, of: presentation, isFinal: false)
                    } else if presentation.outline.renditions.indices.allSatisfy({
                        !presentation.playable(rendition: $0).isEmpty
                    }) {
                        isPlayable = true
                        try await writeAll(of: presentation, isFinal: false)
                        try await observer.becamePlayable(presentation)
                    }
                case .progress(let fraction):
                    await observer.progressed(fraction)
                case .finished(let duration, let explanation):
                    guard let presentation, presentation.isPlayable else {
                        throw violation("it finished without a film")
                    }
                    try await writeAll(of: presentation, isFinal: true)
                    return Result(
                        durationSeconds: Double(duration) / 1_000_000, presentation: presentation,
                        explanation: explanation)
                case .failed(let failure):
                    throw failure
                }
            }
        }
        throw ChildEnded(violation: nil)
    }

    private func next(_ reader: inout TranscodeEventReader) throws -> TranscodeEvent? {
        do {
            return try reader.next()
        } catch {
            throw violation(error.description)
        }
    }

    private func violation(_ what: String) -> ChildEnded {
        child.kill()
        return ChildEnded(violation: what)
    }

    private func folder(of rendition: Int, in presentation: Presentation?) throws -> String {
        guard let renditions = presentation?.outline.renditions, renditions.indices.contains(rendition) else {
            throw violation("rendition \(rendition) was not announced")
        }
        return renditions[rendition].name
    }

    private func writeAll(of presentation: Presentation, isFinal: Bool) async throws {
        for rendition in presentation.outline.renditions.indices {
            try await write(rendition, of: presentation, isFinal: isFinal)
        }
        let text = presentation.multivariant(isFinal: isFinal).text
        try await destination.put(
            Presentation.playlistName, Array(text.utf8), as: isFinal ? .finalPlaylist : .growingPlaylist)
    }

    private func write(_ rendition: Int, of presentation: Presentation, isFinal: Bool) async throws {
        let path = "\(presentation.outline.renditions[rendition].name)/\(Presentation.playlistName)"
        let text = presentation.mediaPlaylist(rendition: rendition, isFinal: isFinal).text
        try await destination.put(path, Array(text.utf8), as: isFinal ? .finalPlaylist : .growingPlaylist)
    }
}
