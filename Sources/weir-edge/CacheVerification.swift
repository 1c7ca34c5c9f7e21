import Daemon
import SegmentStore

/// `weir-edge --verify-cache DIR`, what `weir cache verify --directory DIR` becomes: compares every object of a cache that no
/// edge has open with its checksums, and changes nothing.
enum CacheVerification {
    static let task = ProgramTask(
        option: "--verify-cache", argument: "DIR", purpose: "compare a cache no edge has open with its checksums",
        run: run)

    /// - Returns: the exit code: 0 whole, 1 could not be done, 2 damaged.
    private static func run(_ directory: String) -> Int32 {
        let result: OfflineVerification
        do {
            result = try SegmentStore.verify(directory: directory) { sofar in
                Terminal.error("weir: \(sofar.objects) objects, \(sofar.bytes >> 20) MiB so far\n")
            }
        } catch {
            let way = error.code == .inUse ? ", or ask the running edge: weir cache verify --ready FILE" : ""
            Terminal.error("weir: \(error.description)\(way)\n")
            return 1
        }
        for fault in result.faults { Terminal.output("damaged file \(fault)\n") }
        for key in result.damaged { Terminal.output("damaged \(String(decoding: key, as: UTF8.self))\n") }
        Terminal.output(
            "verified \(result.objects) objects, \(result.bytes) bytes: \(result.damaged.count) damaged\n")
        return result.damaged.isEmpty && result.faults.isEmpty ? 0 : 2
    }
}
