import Daemon
import Edge

/// `weir-edge --check-distribution FILE`: what `--check` says of a distribution, without the configuration of an edge that
/// serves it.
enum DistributionTask {
    static let task = ProgramTask(
        option: "--check-distribution", argument: "FILE",
        purpose: "say what is wrong with a distribution document, and exit", run: run)

    /// - Returns: the exit code: 0 valid, 66 cannot be read, 78 refused.
    private static func run(_ path: String) -> Int32 {
        let check: DistributionCheck
        do {
            check = DistributionCheck(try File.read(path))
        } catch {
            Terminal.error("weir-edge: \(error)\n")
            return 66
        }
        for problem in check.problems { Terminal.error("weir-edge: \(path): \(problem)\n") }
        for warning in check.warnings { Terminal.error("weir-edge: warning: \(path): \(warning)\n") }
        guard check.problems.isEmpty else { return 78 }
        Terminal.output("weir-edge: \(path) is valid\n")
        return 0
    }
}
