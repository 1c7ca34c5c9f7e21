internal import CLinux
internal import Glibc

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

    /// What a person reads in logs and errors.
    public var description: String {
        switch self {
        case .terminate: "SIGTERM"
        case .interrupt: "SIGINT"
        case .hangUp: "SIGHUP"
        case .child: "SIGCHLD"
        case .user1: "SIGUSR1"
        default: "signal \(rawValue)"
        }
    }
}

/// Process-wide signal settings, made once at the start of `main`.
public enum Signals {
    /// Makes a write to a closed peer return an error.
    ///
    /// Sockets avoid the signal themselves; OpenSSL's and pipes' writes do not.
    public static func ignoreSIGPIPE() {
        weir_ignore_signal(SIGPIPE)
    }

    /// Keeps the signals from ending the process, for a `SignalWatcher` to read.
    ///
    /// Threads started later inherit the setting, so call it on the main thread before anything else runs.
    public static func block(_ signals: [Signal]) {
        var set = signals.signalSet
        pthread_sigmask(SIG_BLOCK, &set, nil)
    }
}

extension [Signal] {
    fileprivate var signalSet: sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in self { sigaddset(&set, signal.rawValue) }
        return set
    }
}

/// Reads signals as events of a loop, in place of handlers that may do next to nothing.
///
/// `Signals.block` must have been called for the same signals. The watcher lives until `closeOnLoop()`.
public final class SignalWatcher: EventHandler {
    private let loop: EventLoop
    private let descriptor: Int32
    private let received: (Signal) -> Void
    private var isOpen = true

    private init(loop: EventLoop, descriptor: Int32, received: @escaping (Signal) -> Void) {
        self.loop = loop
        self.descriptor = descriptor
        self.received = received
    }

    deinit {
        if isOpen { Glibc.close(descriptor) }
    }

    /// Calls `received` on the loop for each of `signals`.
    ///
    /// Signals of one number that arrive together count once.
    @discardableResult
    public static func watchOnLoop(
        _ loop: EventLoop, _ signals: [Signal], received: @escaping (Signal) -> Void
    ) throws(SystemError) -> SignalWatcher {
        loop.assertOnLoop()
        var set = signals.signalSet
        let descriptor = weir_signalfd(&set)
        guard descriptor >= 0 else { throw .last("create a signalfd") }
        let watcher = SignalWatcher(loop: loop, descriptor: descriptor, received: received)
        do throws(SystemError) {
            try loop.registerOnLoop(descriptor, interest: .read, handler: watcher)
        } catch {
            Glibc.close(descriptor)
            throw error
        }
        return watcher
    }

    /// The signals as they arrive, for async code such as `main`.
    ///
    /// Ends when the consumer stops listening.
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

    /// Stops watching.
    ///
    /// Idempotent.
    public func closeOnLoop() {
        loop.assertOnLoop()
        guard isOpen else { return }
        isOpen = false
        loop.deregisterOnLoop(descriptor)
        Glibc.close(descriptor)
    }

    /// Reads the waiting signals; called by the loop.
    public func readyOnLoop(_ readiness: Readiness) {
        while isOpen {
            let number = weir_signalfd_next(descriptor)
            guard number > 0 else { return }
            received(Signal(rawValue: number))
        }
    }
}
