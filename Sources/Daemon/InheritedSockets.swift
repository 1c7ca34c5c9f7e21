internal import CLinux
internal import Glibc

/// What whoever started this process has opened for it: listening sockets (`sd_listen_fds(3)`, systemd's socket activation),
/// and for a successor also the socket it talks with its predecessor on.
public struct InheritedSockets: Sendable {
    /// Descriptors by the name they were given (`FileDescriptorName=` in a systemd unit), in order.
    public private(set) var descriptors: [String: [Int32]]
    /// The process whose place this one takes; nil after an ordinary start.
    public let predecessor: Predecessor?

    /// Takes what the environment announces for this process, and removes it from there, so that no program it starts takes it
    /// for its own. Empty when nothing is announced.
    ///
    /// Call it once, before there is a second thread.
    public static func take() -> InheritedSockets {
        let inherited = InheritedSockets(SocketAnnouncement(variable), process: getpid(), parent: getppid())
        for name in SocketAnnouncement.variables { unsetenv(name) }
        for descriptor in inherited.descriptors.values.joined() { _ = weir_close_on_exec(descriptor) }
        return inherited
    }

    init(_ announcement: SocketAnnouncement, process: Int32, parent: Int32) {
        guard announcement.isFor(process: process, parent: parent) else {
            (descriptors, predecessor) = ([:], nil)
            return
        }
        descriptors = announcement.descriptors
        let control = descriptors.removeValue(forKey: SocketAnnouncement.control)
        predecessor = control?.first.map(Predecessor.init(descriptor:))
    }

    private static func variable(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }
}

/// The environment variables of socket activation, as text.
struct SocketAnnouncement: Equatable {
    static let first: Int32 = 3
    /// The name of a successor's end of its control socket.
    static let control = "control"
    static let predecessorVariable = "WEIR_PREDECESSOR"
    static let variables = ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", predecessorVariable]

    let process: Int32?
    /// Instead of `process` where the number is not known when the environment is made.
    let predecessor: Int32?
    let count: Int32
    let names: String

    init(_ variable: (String) -> String?) {
        process = variable("LISTEN_PID").flatMap { Int32($0) }
        predecessor = variable(Self.predecessorVariable).flatMap { Int32($0) }
        count = max(0, variable("LISTEN_FDS").flatMap { Int32($0) } ?? 0)
        names = variable("LISTEN_FDNAMES") ?? ""
    }

    /// What a process tells its successor, whose descriptors have `names` in this order.
    static func variables(for names: [String], predecessor: Int32) -> [String: String] {
        [
            "LISTEN_FDS": "\(names.count)", "LISTEN_FDNAMES": names.joined(separator: ":"),
            predecessorVariable: "\(predecessor)",
        ]
    }

    func isFor(process: Int32, parent: Int32) -> Bool {
        self.process == process || (predecessor != nil && predecessor == parent)
    }

    /// Descriptors by name, in order; one without a name is called `unknown`, as systemd does.
    var descriptors: [String: [Int32]] {
        let names = names.split(separator: ":", omittingEmptySubsequences: false)
        var descriptors: [String: [Int32]] = [:]
        for index in 0..<count {
            let name = Int(index) < names.count && !names[Int(index)].isEmpty ? String(names[Int(index)]) : "unknown"
            descriptors[name, default: []].append(Self.first + index)
        }
        return descriptors
    }
}
