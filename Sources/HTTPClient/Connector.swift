internal import EventLoop
internal import TLS
internal import Transport

/// Makes one connection for one exchange: resolves the host, tries its addresses in turn, shakes hands. Loop-confined.
final class Connector: EventHandler {
    private enum State {
        case resolving
        case connecting(Socket)
        case handshaking(ConnectionStream)
        case ended
    }

    private let client: HTTPClient
    private let endpoint: Endpoint
    private let completion: (Result<ConnectionStream, ClientError>) -> Void
    private var state = State.resolving
    private var addresses: ArraySlice<SocketAddress> = []
    private var lastFailure = "no address"

    init(
        client: HTTPClient, endpoint: Endpoint, completion: @escaping (Result<ConnectionStream, ClientError>) -> Void
    ) {
        self.client = client
        self.endpoint = endpoint
        self.completion = completion
    }

    func startOnLoop() {
        if let address = SocketAddress(ip: endpoint.host, port: endpoint.port) {
            addresses = [address]
            connectOnLoop()
            return
        }
        let connector = LoopBound(self, loop: client.loop)
        let (resolver, endpoint, loop) = (client.resolver, endpoint, client.loop)
        Task(executorPreference: loop) {
            let result: Result<[SocketAddress], any Error>
            do {
                result = .success(try await resolver.resolve(endpoint.host, port: endpoint.port))
            } catch {
                result = .failure(error)
            }
            loop.submit { connector.valueOnLoop.resolvedOnLoop(result) }
        }
    }

    /// Stops without a word.
    func cancelOnLoop() {
        releaseOnLoop()
        state = .ended
    }

    func readyOnLoop(_ readiness: Readiness) {
        switch state {
        case .connecting(let socket):
            let code = socket.pendingError()
            if code == 0 {
                connectedOnLoop(socket)
            } else {
                lastFailure = SystemError.reason(for: code)
                tryNextOnLoop()
            }
        case .handshaking(let stream):
            handshakeOnLoop(stream)
        case .resolving, .ended:
            break
        }
    }

    private func resolvedOnLoop(_ result: Result<[SocketAddress], any Error>) {
        guard case .resolving = state else { return }
        switch result {
        case .success(let found):
            addresses = found[...]
            connectOnLoop()
        case .failure(let error):
            failOnLoop(.resolution, "cannot resolve \(endpoint.host): \(error)")
        }
    }

    private func connectOnLoop() {
        while let address = addresses.popFirst() {
            do {
                let (socket, progress) = try Socket.connect(to: address)
                state = .connecting(socket)
                try client.loop.registerOnLoop(socket.descriptor, interest: .write, handler: self)
                if progress == .connected { connectedOnLoop(socket) }
                return
            } catch {
                lastFailure = error.reason
                releaseOnLoop()
            }
        }
        failOnLoop(.connection, "cannot connect to \(endpoint): \(lastFailure)")
    }

    private func tryNextOnLoop() {
        releaseOnLoop()
        connectOnLoop()
    }

    private func connectedOnLoop(_ socket: Socket) {
        guard let context = endpoint.tls else {
            succeedOnLoop(ConnectionStream(socket: socket, tls: nil))
            return
        }
        do {
            let session = try context.makeSession(
                descriptor: socket.descriptor, host: endpoint.serverName ?? endpoint.host,
                output: client.tlsOutput)
            let stream = ConnectionStream(socket: socket, tls: session)
            state = .handshaking(stream)
            handshakeOnLoop(stream)
        } catch {
            failOnLoop(.tls, "cannot start TLS with \(endpoint): \(error)")
        }
    }

    private func handshakeOnLoop(_ stream: ConnectionStream) {
        guard let tls = stream.tls else { return }
        switch tls.handshake() {
        case .complete: succeedOnLoop(stream)
        case .wantRead: client.loop.updateOnLoop(stream.socket.descriptor, interest: .read)
        case .wantWrite: client.loop.updateOnLoop(stream.socket.descriptor, interest: .write)
        case .closed: failOnLoop(.tls, "\(endpoint) closed the connection during the TLS handshake")
        case .failed(let reason): failOnLoop(.tls, "TLS handshake with \(endpoint) failed: \(reason)")
        }
    }

    private func succeedOnLoop(_ stream: ConnectionStream) {
        client.loop.deregisterOnLoop(stream.socket.descriptor)
        state = .ended
        completion(.success(stream))
    }

    private func failOnLoop(_ kind: ClientError.Kind, _ message: String) {
        releaseOnLoop()
        state = .ended
        completion(.failure(ClientError(kind: kind, side: .upstream, retry: .yes, message: message)))
    }

    private func releaseOnLoop() {
        let socket: Socket
        switch state {
        case .connecting(let connecting): socket = connecting
        case .handshaking(let stream): socket = stream.socket
        case .resolving, .ended: return
        }
        client.loop.deregisterOnLoop(socket.descriptor)
        socket.close()
        state = .resolving
    }
}
