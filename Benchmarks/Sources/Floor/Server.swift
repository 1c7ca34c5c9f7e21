import CEpoll
import Glibc

/// One thread, one epoll instance, level-triggered, no timers.
struct Server {
    /// What is still to be sent on a connection.
    private struct Connection {
        var rest = UnsafeRawBufferPointer(start: nil, count: 0)
        var isBlocked = false
    }

    private let listener: Int32
    private let poller: Int32
    private let responses: Responses
    /// By descriptor.
    private var connections = [Connection](repeating: Connection(), count: 1024)
    private let input = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 64)

    init(port: UInt16, responses: Responses) throws {
        self.responses = responses
        listener = try Self.listener(port: port)
        poller = epoll_create1(0)
        guard poller >= 0, bench_watch(poller, listener, bench_readable, 1) == 0 else {
            throw FloorError(operation: "watch the listener")
        }
    }

    private static func listener(port: UInt16) throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let isBound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isBound, listen(descriptor, 1024) == 0 else { throw FloorError(operation: "listen on port \(port)") }
        return descriptor
    }

    mutating func run() -> Never {
        let events = UnsafeMutablePointer<epoll_event>.allocate(capacity: 256)
        while true {
            let count = epoll_wait(poller, events, 256, -1)
            for index in 0..<max(0, count) {
                let descriptor = bench_ready_descriptor(events, index)
                if descriptor == listener { acceptAll() } else { serve(descriptor) }
            }
        }
    }

    private mutating func acceptAll() {
        while true {
            let descriptor = bench_accept(listener)
            if descriptor < 0 { return }
            guard Int(descriptor) < connections.count, bench_watch(poller, descriptor, bench_readable, 1) == 0 else {
                close(descriptor)
                continue
            }
            var yes: Int32 = 1
            setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
            connections[Int(descriptor)] = Connection()
        }
    }

    private mutating func serve(_ descriptor: Int32) {
        if connections[Int(descriptor)].isBlocked { return send(descriptor) }
        let count = recv(descriptor, input.baseAddress, input.count, 0)
        guard count > 0, let rest = responses.response(to: UnsafeRawBufferPointer(rebasing: input[..<count])) else {
            if count >= 0 || errno != EAGAIN { close(descriptor) }
            return
        }
        connections[Int(descriptor)].rest = rest
        send(descriptor)
    }

    private mutating func send(_ descriptor: Int32) {
        let index = Int(descriptor)
        let rest = connections[index].rest
        let sent = Glibc.send(descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
        if sent < 0, errno != EAGAIN {
            close(descriptor)
            return
        }
        connections[index].rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(max(0, sent)))
        let isBlocked = !connections[index].rest.isEmpty
        if isBlocked != connections[index].isBlocked {
            connections[index].isBlocked = isBlocked
            _ = bench_watch(poller, descriptor, isBlocked ? bench_writable : bench_readable, 0)
        }
    }
}
