public import EventLoop
internal import Glibc
internal import Synchronization

/// A TCP server that plays one script per connection, in the order they are accepted, on a thread of its own: for clients
/// that must meet a hostile or dying server. A connection closes when its script returns and lets go of it.
public final class ScriptedServer: Sendable {
    /// What happens on one connection.
    public typealias Script = @Sendable (RawConnection) -> Void

    /// Where it listens.
    public let address: SocketAddress
    private let stage: Stage

    /// Connections accepted so far.
    public var connections: Int { stage.accepted.load(ordering: .sequentiallyConsistent) }

    /// Listens on a free loopback port and plays `scripts`; connections beyond them get the last one.
    public init(_ scripts: Script...) throws {
        precondition(!scripts.isEmpty, "a server needs a script")
        let listener = try Socket.listen(on: .loopback(port: 0), reusePort: false)
        guard let address = listener.localAddress else { throw SystemError("find the port", code: EBADF) }
        self.address = address
        stage = Stage(descriptor: listener.descriptor, scripts: scripts)
        stage.open()
    }

    deinit {
        stage.close()
    }
}

/// What the thread of a scripted server needs; it outlives the server until its last script has returned.
private final class Stage: Sendable {
    let accepted = Atomic<Int>(0)
    private let descriptor: Int32
    private let scripts: [ScriptedServer.Script]

    init(descriptor: Int32, scripts: [ScriptedServer.Script]) {
        self.descriptor = descriptor
        self.scripts = scripts
    }

    func open() {
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK)
        var thread = pthread_t()
        let stage = Unmanaged.passRetained(self).toOpaque()
        let code = pthread_create(
            &thread, nil,
            { argument in
                if let argument { Unmanaged<Stage>.fromOpaque(argument).takeRetainedValue().play() }
                return nil
            }, stage)
        precondition(code == 0, "no thread for a scripted server")
        pthread_detach(thread)
    }

    /// Wakes the thread from its `accept`.
    func close() {
        shutdown(descriptor, Int32(SHUT_RDWR))
    }

    private func play() {
        while true {
            let connection = accept(descriptor, nil, nil)
            guard connection >= 0 else { break }
            let index = accepted.wrappingAdd(1, ordering: .sequentiallyConsistent).oldValue
            scripts[min(index, scripts.count - 1)](RawConnection(accepted: connection))
        }
        Glibc.close(descriptor)
    }
}
