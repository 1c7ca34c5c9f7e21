internal import Glibc
internal import JSON
internal import Transcode

/// The child's side: enters the jail, transcodes, writes events to the pipe, and exits.
public enum JailedTranscode {
    /// Descriptors the parent arranges.
    static let inputDescriptor: Int32 = 3
    static let resultDescriptor: Int32 = 4

    /// Never returns.
    ///
    /// `arguments` follow `--child`: memory in bytes, seconds of processor time, threads for pictures. The order is read from
    /// standard input.
    public static func main(_ arguments: ArraySlice<String>) -> Never {
        let values = arguments.compactMap { UInt64($0) }
        guard values.count == 3, arguments.count == 3, (1...Jail.maximumThreads).contains(values[2]) else { exit(64) }
        signal(SIGPIPE, SIG_IGN)
        let sink = PipeSink(descriptor: resultDescriptor)
        do {
            let missing = try Jail(memoryBytes: values[0], cpuSeconds: values[1]).enter()
            if !missing.isEmpty {
                sink.say("jail without: \(missing.joined(separator: ", "))\n")
            }
            // Only now, for a plan comes out of a process that has read the upload.
            guard let order = try? JSONValue.parse(readOrder(), limits: TranscodeOrder.limits),
                let order = TranscodeOrder(json: order)
            else {
                sink.say("no order on standard input\n")
                exit(65)
            }
            try Transcoder.run(order, descriptor: inputDescriptor, threads: Int(values[2]), sink: sink)
        } catch {
            sink.say("\(error)\n")
            exit(70)
        }
        exit(0)
    }

    private static func readOrder() -> [UInt8] {
        var order: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 1 << 16)
        while order.count <= TranscodeOrder.limits.maximumBytes {
            let count = read(STDIN_FILENO, &block, block.count)
            if count == 0 || (count < 0 && errno != EINTR) { break }
            order.append(contentsOf: block[..<max(0, count)])
        }
        return order
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
