internal import Conformance
internal import Crypto
internal import Daemon
internal import EventLoop
internal import Glibc
internal import JSON
internal import MediaPlan
internal import Presentation
internal import Synchronization
internal import Transcode

/// `--input FILE --output DIRECTORY`: one file through the same jailed children into a folder, without an origin.
public enum FileMode {
    /// Whether a command line asks for it.
    public static func isWanted(_ arguments: [String]) -> Bool { arguments.contains("--input") }

    /// Does what the command line (without the program's name) asks for; returns the exit status: 64 for a wrong command line,
    /// 66 for a file that cannot be opened, 65 for one that cannot be transcoded.
    public static func run(_ arguments: [String]) async -> Int32 {
        let options: FileOptions
        do {
            options = try FileOptions(arguments)
        } catch {
            Terminal.error("weir-transcoder: \(error)\n")
            return 64
        }
        let descriptor = open(options.input, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            Terminal.error("weir-transcoder: cannot open \(options.input)\n")
            return 66
        }
        defer { close(descriptor) }
        do {
            return try await transcode(descriptor, options)
        } catch {
            Terminal.error("weir-transcoder: \(error)\n")
            return 65
        }
    }

    private static func transcode(_ descriptor: Int32, _ options: FileOptions) async throws -> Int32 {
        let watch = Stopwatch()
        let percent = Mutex(0)
        let units = options.units ?? Machine.processors
        let publication = LocalPublication(directory: options.output)
        let isEncrypted = options.transcode.video.encryption == .aes128
        let job = LocalJob(
            input: descriptor, publication: publication, options: options.transcode,
            contentKey: isEncrypted ? ContentKey(SecureRandom.bytes(ContentKey.byteCount)) : nil, limits: .init(),
            admission: Admission(
                slots: units, memory: MemoryBudget(slots: units, machine: Machine.memoryMebibytes),
                processors: Machine.processors),
            pool: try BlockingPool(name: "child", threads: units + 1, queueLimit: 1024),
            observer: .init(
                planned: { plan in
                    let names = plan.outline.renditions.map(\.name).joined(separator: " ")
                    Terminal.error("\(watch) s: \(plan.units.count) units of work on \(names)\n")
                },
                progressed: { share in
                    let now = Int(share * 100)
                    let isNews = percent.withLock { percent in
                        guard now >= percent + 5 else { return false }
                        percent = now
                        return true
                    }
                    if isNews { Terminal.error("\(watch) s: \(now) %\n") }
                }, becamePlayable: { Terminal.output("\(watch) s: playable\n") }))
        let result = try await job.run()
        Terminal.output("\(watch) s: complete, \(result.plan.outline.durationSeconds) s of film\n")
        let cpu = result.usage.reduce(0) { $0 + $1.cpuSeconds }
        let peak = result.usage.map(\.peakBytes).max() ?? 0
        Terminal.error(
            "\(watch) s: \(Int(cpu * 100)) hundredths of a CPU second, at most \(peak >> 20) MiB in a process\n")
        Terminal.output("\(result.renditions)\n\(result.plan.outline.explanation)\n")
        for note in result.notes where !note.decisions.isEmpty { Terminal.output("\(note.json)\n") }
        return await check(publication, watch)
    }

    private static func check(_ publication: LocalPublication, _ watch: Stopwatch) async -> Int32 {
        let report = await PresentationCheck.run(
            read: { path throws(ResourceFailure) in
                do throws(FileError) {
                    return try publication.read(path)
                } catch {
                    throw error.errno == ENOENT ? .missing(status: nil) : .unreachable("\(error)")
                }
            }, progressed: { _ in })
        Terminal.output("\(watch) s: the presentation \(report.verdict.rawValue)\n")
        for finding in report.findings {
            Terminal.error(
                "\(finding.rule.level.rawValue) \(finding.rule.number) \(finding.place.playlist): \(finding.message)\n")
        }
        return report.verdict == .conforms ? 0 : 65
    }
}

/// Seconds since it was made, with thousandths, as text.
private struct Stopwatch: Sendable, CustomStringConvertible {
    private let began = MonotonicClock.nanoseconds()

    var description: String {
        let milliseconds = (MonotonicClock.nanoseconds() - began) / 1_000_000
        return "\(milliseconds / 1000).\(String(milliseconds % 1000 + 1000).dropFirst())"
    }
}
