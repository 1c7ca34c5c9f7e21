internal import EventLoop
internal import TLS
internal import Transport

/// Makes one connection for one exchange: resolves the host, races its addresses, shakes hands. Loop-confined.
final class Connector: EventHandler {
    /// What came of it.
    struct Connected {
        var stream: ConnectionStream
        var address: SocketAddress
        /// When the server's certificate was verified, in the loop's nanoseconds; 0 without TLS.
        var verifiedAt: UInt64 = 0
    }

    private enum State {
        case resolving
        case racing
        case handshaking(Connected)
        case ended
    }

    private let client: HTTPClient
    private let pool: ConnectionPool
    private let endpoint: Endpoint
    private let completion: (Result<Connected, ClientError>) -> Void
    private var state = State.resolving
    private var addresses: [SocketAddress] = []
    private var race = AddressRace(count: 0)
    private var dials: [Dial] = []
    private var timer: TimerToken?
    private var failures: [String] = []
    /// How many of the addresses may not be connected to.
    private var refusals = 0

    init(
        client: HTTPClient, pool: ConnectionPool, endpoint: Endpoint,
        completion: @escaping (Result<Connected, ClientError>) -> Void
    ) {
        self.client = client
        self.pool = pool
        self.endpoint = endpoint
        self.completion = completion
    }

    func startOnLoop() {
        if let address = Resolver.numeric(endpoint.host, port: endpoint.port) {
            raceOnLoop([address])
            return
        }
        let connector = LoopBound(self, loop: client.loop)
        client.resolveOnLoop(endpoint) { connector.valueOnLoop.resolvedOnLoop($0) }
    }

    /// Stops without a word.
    func cancelOnLoop() {
        releaseOnLoop()
        state = .ended
    }

    private func resolvedOnLoop(_ result: Result<[SocketAddress], any Error>) {
        guard case .resolving = state else { return }
        switch result {
        case .success(let found):
            pool.resolvedOnLoop(found)
            raceOnLoop(AddressOrder.order(found, turn: client.nextTurnOnLoop()))
        case .failure(let error):
            failOnLoop(.resolution, "cannot resolve \(endpoint.host): \(error)")
        }
    }

    // MARK: Race

    private func raceOnLoop(_ addresses: [SocketAddress]) {
        self.addresses = addresses
        race = AddressRace(count: addresses.count)
        state = .racing
        performOnLoop(race.advance())
    }

    private func performOnLoop(_ first: AddressRace.Step) {
        var step = first
        while case .start(let index) = step {
            guard case .racing = state else { return }
            guard let failure = dialOnLoop(addresses[index]) else { break }
            failures.append("\(addresses[index]): \(failure)")
            step = race.failed()
        }
        guard case .racing = state else { return }
        if step == .lost { return lostOnLoop() }
        restartTimerOnLoop()
    }

    /// The reason if it failed at once.
    private func dialOnLoop(_ address: SocketAddress) -> String? {
        guard client.configuration.mayConnect(address) else {
            refusals += 1
            return "it may not be connected to"
        }
        do {
            let (socket, progress) = try Socket.connect(to: address)
            if progress == .connected {
                wonOnLoop(socket, address)
                return nil
            }
            let dial = Dial(socket: socket, address: address, connector: self)
            do {
                try client.loop.registerOnLoop(socket.descriptor, interest: .write, handler: dial)
            } catch {
                socket.close()
                return error.reason
            }
            dials.append(dial)
            return nil
        } catch {
            return error.reason
        }
    }

    fileprivate func readyOnLoop(_ dial: Dial) {
        guard case .racing = state else { return }
        let code = dial.socket.pendingError()
        dials.removeAll { $0 === dial }
        client.loop.deregisterOnLoop(dial.socket.descriptor)
        if code == 0 { return wonOnLoop(dial.socket, dial.address) }
        dial.socket.close()
        failures.append("\(dial.address): \(SystemError.reason(for: code))")
        performOnLoop(race.failed())
    }

    private func restartTimerOnLoop() {
        if let timer { client.loop.cancelOnLoop(timer) }
        timer = nil
        guard race.hasMore else { return }
        timer = client.loop.scheduleOnLoop(after: AddressRace.head) { [weak self] in
            guard let self, case .racing = state else { return }
            timer = nil
            performOnLoop(race.advance())
        }
    }

    /// Every address is in doubt, and so is the answer that named them.
    private func lostOnLoop() {
        client.resolver.doubt(endpoint.host, port: endpoint.port)
        let kind: ClientError.Kind = refusals == addresses.count ? .addressRefused : .connection
        failOnLoop(kind, "cannot connect to \(endpoint) (\(failures.joined(separator: "; ")))")
    }

    // MARK: Handshake

    private func wonOnLoop(_ socket: Socket, _ address: SocketAddress) {
        releaseOnLoop()
        guard let context = endpoint.tls else {
            return succeedOnLoop(Connected(stream: ConnectionStream(socket: socket, tls: nil), address: address))
        }
        let kept = client.tlsSessions.session(for: endpoint, at: client.loop.nowNanoseconds)
        do {
            let session = try context.makeSession(
                descriptor: socket.descriptor, host: endpoint.serverName ?? endpoint.host, output: client.tlsOutput,
                resuming: kept?.resumption)
            let connected = Connected(
                stream: ConnectionStream(socket: socket, tls: session), address: address,
                verifiedAt: kept?.verifiedAt ?? 0)
            state = .handshaking(connected)
            try client.loop.registerOnLoop(socket.descriptor, interest: .write, handler: self)
            handshakeOnLoop(connected)
        } catch {
            socket.close()
            state = .ended
            completion(.failure(failure(.tls, "cannot start TLS with \(endpoint): \(error)")))
        }
    }

    func readyOnLoop(_ readiness: Readiness) {
        if case .handshaking(let connected) = state { handshakeOnLoop(connected) }
    }

    private func handshakeOnLoop(_ connected: Connected) {
        guard let tls = connected.stream.tls else { return }
        let descriptor = connected.stream.socket.descriptor
        switch tls.handshake() {
        case .complete:
            client.loop.deregisterOnLoop(descriptor)
            client.metrics.shookHands(resumed: tls.isResumed)
            var connected = connected
            if !tls.isResumed { connected.verifiedAt = client.loop.nowNanoseconds }
            succeedOnLoop(connected)
        case .wantRead: client.loop.updateOnLoop(descriptor, interest: .read)
        case .wantWrite: client.loop.updateOnLoop(descriptor, interest: .write)
        case .closed:
            client.tlsSessions.forget(endpoint)
            failOnLoop(.tls, "\(endpoint) closed the connection during the TLS handshake")
        case .failed(let reason):
            client.tlsSessions.forget(endpoint)
            let name = endpoint.serverName ?? endpoint.host
            failOnLoop(.tls, "TLS handshake with \(endpoint) as \(name) failed: \(reason)")
        }
    }

    // MARK: Ends

    private func succeedOnLoop(_ connected: Connected) {
        state = .ended
        completion(.success(connected))
    }

    private func failOnLoop(_ kind: ClientError.Kind, _ message: String) {
        releaseOnLoop()
        state = .ended
        completion(.failure(failure(kind, message)))
    }

    private func failure(_ kind: ClientError.Kind, _ message: String) -> ClientError {
        ClientError(kind: kind, side: .upstream, retry: .yes, message: message)
    }

    /// Closes what is under way.
    private func releaseOnLoop() {
        if let timer { client.loop.cancelOnLoop(timer) }
        timer = nil
        for dial in dials {
            client.loop.deregisterOnLoop(dial.socket.descriptor)
            dial.socket.close()
        }
        dials = []
        if case .handshaking(let connected) = state {
            client.loop.deregisterOnLoop(connected.stream.socket.descriptor)
            connected.stream.socket.close()
        }
    }
}

/// One try of a race.
private final class Dial: EventHandler {
    let socket: Socket
    let address: SocketAddress
    private weak var connector: Connector?

    init(socket: Socket, address: SocketAddress, connector: Connector) {
        self.socket = socket
        self.address = address
        self.connector = connector
    }

    func readyOnLoop(_ readiness: Readiness) {
        connector?.readyOnLoop(self)
    }
}
