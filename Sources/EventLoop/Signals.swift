internal import CLinux
internal import Glibc
internal import Synchronization

/// A signal an operator or a supervisor sends.
public struct Signal: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
    /// The signal's number.
    public let rawValue: Int32

    /// Names a signal by its number.
    public init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    /// `SIGTERM`: drain and end.
    public static let terminate = Signal(rawValue: SIGTERM)
    /// `SIGINT`: control-C; drain and end.
    public static let interrupt = Signal(rawValue: SIGINT)
    /// `SIGHUP`: reload.
    public static let hangUp = Signal(rawValue: SIGHUP)
    /// `SIGCHLD`: a child has ended.
    public static let child = Signal(rawValue: SIGCHLD)
    /// `SIGUSR1`.
    public static let user1 = Signal(rawValue: SIGUSR1)
    /// `SIGUSR2`: leave the place to a new process of the same program.
    public static let user2 = Signal(rawValue: SIGUSR2)

    /// What a person reads in logs and errors.
    public var description: String {
        switch self {
        case .terminate: "SIGTERM"
        case .interrupt: "SIGINT"
        case .hangUp: "SIGHUP"
        case .child: "SIGCHLD"
        case .user1: "SIGUSR1"
        case .user2: "SIGUSR2"
        default: "signal \(rawValue)"
        }
    }
}

/// Process-wide signal settings, made at the start of `main`.
public enum Signals {
    /// Makes a write to a closed peer return an error.
    ///
    /// Sockets avoid the signal themselves; OpenSSL's and pipes' writes do not.
    public static func ignoreSIGPIPE() {
        weir_ignore_signal(SIGPIPE)
    }

    /// Keeps the signals from ending the process: from now on they wait for a `SignalWatcher`.
    ///
    /// A handler does it, not the threads' masks: Swift's main thread waits in Dispatch with every signal unblocked. The
    /// handler only notes the number, on whichever thread the kernel picks. Programs that are started inherit nothing of it.
    public static func block(_ signals: [Signal]) {
        for signal in signals { _ = try? SignalNotes.note(for: signal) }
    }
}

/// One eventfd per caught signal, made once and kept for the life of the process, so that a handler never finds one closed.
private enum SignalNotes {
    private static let capacity = 65
    // Unsafe only in name: made before any handler is installed, never freed, cells are atomic.
    private nonisolated(unsafe) static let notes: UnsafeMutablePointer<Atomic<Int32>> = {
        let notes = UnsafeMutablePointer<Atomic<Int32>>.allocate(capacity: capacity)
        for index in 0..<capacity { (notes + index).initialize(to: Atomic(-1)) }
        return notes
    }()
    private static let installation = Mutex(())

    /// The descriptor that becomes readable when `signal` arrives; catches the signal at the first call.
    static func note(for signal: Signal) throws(SystemError) -> Int32 {
        let number = signal.rawValue
        guard number > 0, number < capacity else { throw SystemError("catch \(signal)", code: EINVAL) }
        return try installation.withLock { _ throws(SystemError) -> Int32 in
            let known = notes[Int(number)].load(ordering: .acquiring)
            if known >= 0 { return known }
            let made = weir_eventfd()
            guard made >= 0 else { throw .last("catch \(signal)") }
            notes[Int(number)].store(made, ordering: .releasing)
            let isCaught = weir_set_signal_handler(number) { number in
                weir_eventfd_signal_quietly(SignalNotes.notes[Int(number)].load(ordering: .acquiring))
            }
            guard isCaught == 0 else {
                let error = SystemError.last("catch \(signal)")
                notes[Int(number)].store(-1, ordering: .releasing)
                close(made)
                throw error
            }
            return made
        }
    }
}

/// Delivers signals as events of a loop, where anything may be done about them.
///
/// One watcher per signal at a time. It lives until `closeOnLoop()`.
public final class SignalWatcher: EventHandler {
    private let loop: EventLoop
    private let received: (Signal) -> Void
    private var notes: [(signal: Signal, descriptor: Int32)] = []

    private init(loop: EventLoop, received: @escaping (Signal) -> Void) {
        self.loop = loop
        self.received = received
    }

    /// Calls `received` on the loop for each of `signals`, those included that arrived since `Signals.block`.
    ///
    /// Signals of one number that arrive together count once.
    @discardableResult
    public static func watchOnLoop(
        _ loop: EventLoop, _ signals: [Signal], received: @escaping (Signal) -> Void
    ) throws(SystemError) -> SignalWatcher {
        loop.assertOnLoop()
        let watcher = SignalWatcher(loop: loop, received: received)
        do throws(SystemError) {
            for signal in signals {
                let note = try SignalNotes.note(for: signal)
                try loop.registerOnLoop(note, interest: .read, handler: watcher)
                watcher.notes.append((signal, note))
            }
        } catch {
            watcher.closeOnLoop()
            throw error
        }
        return watcher
    }

    /// The signals as they arrive, for async code such as `main`.
    ///
    /// Watching ends when the consumer stops listening.
    public static func signals(_ signals: [Signal], on loop: EventLoop) async throws -> AsyncStream<Signal> {
        let (stream, continuation) = AsyncStream.makeStream(of: Signal.self)
        let watcher = try await loop.run {
            LoopBound(try watchOnLoop(loop, signals) { continuation.yield($0) }, loop: loop)
        }
        continuation.onTermination = { _ in
            loop.submit { watcher.valueOnLoop.closeOnLoop() }
        }
        return stream
    }

    /// Stops watching; the signals are still caught. Idempotent.
    public func closeOnLoop() {
        loop.assertOnLoop()
        for note in notes { loop.deregisterOnLoop(note.descriptor) }
        notes = []
    }

    /// Takes the signals that have arrived; called by the loop.
    public func readyOnLoop(_ readiness: Readiness) {
        for note in notes where weir_eventfd_take(note.descriptor) > 0 { received(note.signal) }
    }
}
