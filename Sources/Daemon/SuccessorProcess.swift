internal import CLinux
internal import EventLoop
internal import Glibc

/// A listening socket, or several of one name, on its way to a successor.
public struct NamedDescriptor: Sendable {
    /// By which the successor recognises its listener.
    public let name: String
    /// Closed once it is passed on.
    public let descriptor: Int32

    /// A descriptor that its taker closes.
    public init(name: String, descriptor: Int32) {
        self.name = name
        self.descriptor = descriptor
    }
}

/// A new process of this program, seen from the old one. Loop-confined.
///
/// Its messages and its end are events of the loop. It is told the sockets as systemd would tell them, so it needs no code of
/// its own for them.
final class SuccessorProcess: EventHandler {
    enum Event {
        case said(HandOverMessage)
        case ended(ProcessLaunch.Ending)
    }

    let pid: Int32
    private let loop: EventLoop
    private let control: Int32
    private let pidDescriptor: Int32
    private let happened: (Event) -> Void
    private var hasEnded = false
    private var isTalking = true

    /// Starts the program by the path this one was started by, with the same arguments. `sockets` are closed here, whatever
    /// comes of it.
    static func launchOnLoop(
        _ loop: EventLoop, passing sockets: [NamedDescriptor], _ happened: @escaping (Event) -> Void
    ) throws(SystemError) -> SuccessorProcess {
        defer { for socket in sockets { close(socket.descriptor) } }
        var ends: [Int32] = [-1, -1]
        guard weir_message_pair(&ends) == 0 else {
            throw SystemError("make a socket pair", code: errno)
        }
        let path = weir_started_as().map { String(cString: $0) } ?? CommandLine.arguments[0]
        let passed = sockets + [NamedDescriptor(name: SocketAnnouncement.control, descriptor: ends[1])]
        let spawned = spawn(path, passing: passed)
        close(ends[1])
        do throws(SystemError) {
            return try SuccessorProcess(loop, pid: try spawned.get(), control: ends[0], happened)
        } catch {
            close(ends[0])
            throw error
        }
    }

    private init(
        _ loop: EventLoop, pid: Int32, control: Int32, _ happened: @escaping (Event) -> Void
    ) throws(SystemError) {
        self.loop = loop
        self.pid = pid
        self.control = control
        self.happened = happened
        pidDescriptor = weir_pidfd_open(pid)
        try loop.registerOnLoop(pidDescriptor, interest: .read, handler: self)
        try loop.registerOnLoop(control, interest: .read, handler: self)
    }

    /// False when it does not listen any more.
    func say(_ message: HandOverMessage) -> Bool { message.send(on: control) }

    func killNow() {
        if !hasEnded { kill(pid, SIGKILL) }
    }

    func readyOnLoop(_ readiness: Readiness) {
        hearOnLoop()
        guard !hasEnded, let ending = ProcessLaunch.reap(pid) else { return }
        hasEnded = true
        loop.deregisterOnLoop(pidDescriptor)
        close(pidDescriptor)
        stopHearingOnLoop()
        close(control)
        happened(.ended(ending))
    }

    private func hearOnLoop() {
        var bytes = [UInt8](repeating: 0, count: HandOverMessage.maximumBytes)
        while isTalking {
            let count = recv(control, &bytes, bytes.count, Int32(MSG_DONTWAIT))
            if count < 0 && errno == EINTR { continue }
            if count < 0 { return }
            // Closed: its end is what counts, and comes with a reason.
            guard count > 0 else { return stopHearingOnLoop() }
            let text = String(decoding: bytes[..<count], as: UTF8.self)
            happened(.said(HandOverMessage(text) ?? .failed("it said \"\(text)\", which this version does not know")))
        }
    }

    private func stopHearingOnLoop() {
        guard isTalking else { return }
        isTalking = false
        loop.deregisterOnLoop(control)
    }

    private static func spawn(_ path: String, passing sockets: [NamedDescriptor]) -> Result<Int32, SystemError> {
        let names = sockets.map(\.name)
        let first = SocketAnnouncement.first
        let above = first + Int32(names.count)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var files = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&files)
        defer { posix_spawn_file_actions_destroy(&files) }
        // Numbers above all targets, so that none is overwritten before it is copied.
        let copies = sockets.map { weir_duplicate($0.descriptor, above) }
        defer { for copy in copies where copy >= 0 { close(copy) } }
        guard !copies.contains(where: { $0 < 0 }) else {
            return .failure(SystemError("pass \(names.count) sockets on", code: errno))
        }
        for (index, copy) in copies.enumerated() {
            posix_spawn_file_actions_adddup2(&files, copy, first + Int32(index))
        }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        let environment = ProcessLaunch.environment(
            adding: SocketAnnouncement.variables(for: names, predecessor: getpid()),
            removing: SocketAnnouncement.variables)
        var pid: pid_t = 0
        let outcome = ProcessLaunch.withCStrings(CommandLine.arguments) { arguments in
            ProcessLaunch.withCStrings(environment) { posix_spawn(&pid, path, &files, &attributes, arguments, $0) }
        }
        return outcome == 0 ? .success(pid) : .failure(SystemError("start \(path)", code: outcome))
    }
}
