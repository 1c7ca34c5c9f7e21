internal import CSandbox
internal import Telemetry

/// Which walls of the jail this kernel can build, tried out in processes that end at once.
public struct JailReport: Sendable {
    /// A wall, by what the kernel answered.
    struct Wall: Sendable {
        let name: String
        /// 0, or the errno.
        let code: Int32

        var stands: Bool { code == 0 }
    }

    let systemCallFilter: Wall
    let landlock: Wall
    let networkNamespace: Wall

    /// Tries. To be called before there are many threads, since it forks.
    static func probe() -> JailReport {
        JailReport(
            systemCallFilter: Wall(name: "system call filter", code: weir_try_apart(WEIR_TRY_FILTER)),
            landlock: Wall(name: "Landlock \(weir_landlock_version())", code: weir_try_apart(WEIR_TRY_LANDLOCK)),
            networkNamespace: Wall(name: "network namespace", code: weir_try_apart(WEIR_TRY_NETWORK)))
    }

    private var walls: [Wall] { [systemCallFilter, landlock, networkNamespace] }

    /// The walls that stand, by name.
    var standing: [String] { walls.filter(\.stands).map(\.name) }

    /// The walls that do not, each with what the kernel answered.
    var missing: [String] { walls.filter { !$0.stands }.map { "\($0.name) (errno \($0.code))" } }

    /// One sentence for `--check`.
    public var summary: String {
        let names = standing.isEmpty ? "nothing" : standing.joined(separator: ", ")
        return "the jail has \(names)" + (missing.isEmpty ? "" : "; it lacks \(missing.joined(separator: ", "))")
    }

    /// Whether at least one wall keeps a hostile upload from files, and one from the network.
    var isTight: Bool { systemCallFilter.stands || (landlock.stands && networkNamespace.stands) }

    /// One line at the start of a worker.
    func say(to log: Logger) {
        let names = standing.joined(separator: ", ")
        if missing.isEmpty {
            log.info("jail complete", ["standing": .string(names)])
        } else {
            log.warning(
                "jail incomplete",
                ["standing": .string(names), "missing": .string(missing.joined(separator: ", "))])
        }
    }
}
