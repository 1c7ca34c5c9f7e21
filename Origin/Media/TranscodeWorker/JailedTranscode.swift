internal import Glibc
internal import MediaPlan
internal import Transcode

/// The child's side: enters the jail, transcodes, writes events to the pipe, and exits.
public enum JailedTranscode {
    /// Descriptors the parent arranges.
    static let inputDescriptor: Int32 = 3
    static let resultDescriptor: Int32 = 4

    /// Never returns.
    ///
    /// `arguments` follow `--child`: memory in bytes, seconds of processor time, preset, encoder threads, longest film
    /// in seconds.
    public static func main(_ arguments: ArraySlice<String>) -> Never {
        let values = Array(arguments)
        guard values.count == 5, let memory = UInt64(values[0]), let cpu = UInt64(values[1]),
            let threads = Int(values[3]), let seconds = Double(values[4])
        else { exit(64) }
        signal(SIGPIPE, SIG_IGN)
        let sink = PipeSink(descriptor: resultDescriptor)
        do {
            let missing = try Jail(memoryBytes: memory, cpuSeconds: cpu).enter()
            if !missing.isEmpty {
                sink.say("jail without: \(missing.joined(separator: ", "))\n")
            }
            let options = TranscodeOptions(
                preset: values[2], encoderThreads: threads, limits: .init(maximumSeconds: seconds))
            try Transcoder.run(descriptor: inputDescriptor, options: options, sink: sink)
        } catch {
            sink.say("\(error)\n")
            exit(70)
        }
        exit(0)
    }
}

/// Writes events to the parent; blocks while the parent is busy storing earlier ones.
final class PipeSink: TranscodeSink {
    struct Closed: Error {}

    private let descriptor: Int32

    init(descriptor: Int32) { self.descriptor = descriptor }

    func receive(_ event: TranscodeEvent) throws {
        try Self.write(event.encoded, to: descriptor)
    }

    func say(_ line: String) { try? Self.write(Array(line.utf8), to: STDERR_FILENO) }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) throws {
        var offset = 0
        while offset < bytes.count {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress! + offset, $0.count - offset) }
            if count > 0 {
                offset += count
            } else if errno != EINTR {
                throw Closed()
            }
        }
    }
}
