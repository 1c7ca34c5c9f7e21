import EventLoop
import Glibc
import TestKit
import Testing

/// Records what a loop reports and does what the test says.
private final class Recorder: EventHandler {
    private(set) var calls: [Readiness] = []
    private let action: (Readiness) -> Void

    init(_ action: @escaping (Readiness) -> Void = { _ in }) {
        self.action = action
    }

    func readyOnLoop(_ readiness: Readiness) {
        calls.append(readiness)
        action(readiness)
    }
}

struct RegistrationTests {
    /// Two ends of a local stream, non-blocking.
    private static func socketPair() throws -> (Socket, Socket) {
        var pair: [Int32] = [0, 0]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0, &pair) == 0)
        return (Socket(descriptor: pair[0]), Socket(descriptor: pair[1]))
    }

    /// Runs each step on the loop, with a full turn between two steps.
    private func onLoop(_ steps: (@Sendable (EventLoop) throws -> Void)...) async throws {
        let loop = try EventLoop(name: "registrations")
        do {
            for step in steps {
                try await loop.run { try step(loop) }
                try await loop.sleep(for: .milliseconds(2))
            }
        } catch {
            await loop.shutdown()
            throw error
        }
        await loop.shutdown()
    }

    @Test func `an echo server serves many connections on one loop`() async throws {
        let loop = try EventLoop(name: "echo")
        let address = try await loop.run {
            let server = try EchoListener(loop)
            return server.address
        }
        try await withThrowingTaskGroup(of: String.self) { group in
            for index in 0..<40 {
                group.addTask {
                    let (socket, _) = try Socket.connect(to: address)
                    defer { socket.close() }
                    _ = await eventually { socket.writeText("client \(index)") != .wouldBlock }
                    return await socket.readText()
                }
            }
            var answers: Set<String> = []
            for try await answer in group { answers.insert(answer) }
            #expect(answers == Set((0..<40).map { "client \($0)" }))
        }
        #expect(
            await eventually {
                let count = try? await loop.run { loop.registrationCountOnLoop }
                return count == 1
            })
        await loop.shutdown()
    }

    @Test func `readiness follows the interest and repeats until it is served`() async throws {
        let (near, far) = try Self.socketPair()
        nonisolated(unsafe) let recorder = Recorder()
        nonisolated(unsafe) var seen = 0
        try await onLoop(
            { loop in
                try loop.registerOnLoop(near.descriptor, interest: .read, handler: recorder)
                _ = far.writeText("x")
            },
            { loop in
                #expect(recorder.calls.count > 1)
                #expect(recorder.calls.allSatisfy { $0 == .read })
                loop.updateOnLoop(near.descriptor, interest: [])
                seen = recorder.calls.count
            },
            { loop in
                #expect(recorder.calls.count == seen)
                loop.updateOnLoop(near.descriptor, interest: .write)
            },
            { loop in
                #expect(recorder.calls.last == .write)
                loop.updateOnLoop(near.descriptor, interest: [.read, .write])
            },
            { loop in
                #expect(recorder.calls.last == [.read, .write])
                loop.deregisterOnLoop(near.descriptor)
                loop.deregisterOnLoop(near.descriptor)
                #expect(loop.registrationCountOnLoop == 0)
                seen = recorder.calls.count
            },
            { _ in #expect(recorder.calls.count == seen) })
        near.close()
        far.close()
    }

    @Test func `a handler that closes its neighbour and reuses the number leaves no event for either`() async throws {
        // Both near ends become ready in one turn; whoever is called first retires the other one.
        let (first, firstFar) = try Self.socketPair()
        let (second, secondFar) = try Self.socketPair()
        nonisolated(unsafe) var handlers: [Recorder] = []
        nonisolated(unsafe) var successor: (Socket, Socket)?
        nonisolated(unsafe) let heir = Recorder()
        try await onLoop(
            { loop in
                func retire(_ own: Socket, _ other: Socket) {
                    loop.deregisterOnLoop(own.descriptor)
                    loop.deregisterOnLoop(other.descriptor)
                    var pair: [Int32] = [0, 0]
                    let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue)
                    guard socketpair(AF_UNIX, type, 0, &pair) == 0 else { return }
                    // dup2 closes the neighbour and puts the new socket under its number in one step.
                    dup2(pair[0], other.descriptor)
                    close(pair[0])
                    let heirSocket = Socket(descriptor: other.descriptor)
                    successor = (heirSocket, Socket(descriptor: pair[1]))
                    #expect(throws: Never.self) {
                        try loop.registerOnLoop(heirSocket.descriptor, interest: .read, handler: heir)
                    }
                }
                handlers = [
                    Recorder { _ in retire(first, second) },
                    Recorder { _ in retire(second, first) },
                ]
                _ = firstFar.writeText("x")
                _ = secondFar.writeText("x")
                try loop.registerOnLoop(first.descriptor, interest: .read, handler: handlers[0])
                try loop.registerOnLoop(second.descriptor, interest: .read, handler: handlers[1])
            },
            { _ in
                #expect(handlers.map(\.calls.count).sorted() == [0, 1])
                #expect(heir.calls.isEmpty)
                #expect(successor?.1.writeText("y") == .bytes(1))
            },
            { loop in
                #expect(!heir.calls.isEmpty)
                if let heir = successor?.0 { loop.deregisterOnLoop(heir.descriptor) }
            })
        for socket in [first, second, firstFar, secondFar] { socket.close() }
        successor?.1.close()
    }

    @Test func `a hang-up nobody waits for is reported once, not for ever`() async throws {
        let (near, far) = try Self.socketPair()
        nonisolated(unsafe) let recorder = Recorder()
        try await onLoop(
            { loop in
                try loop.registerOnLoop(near.descriptor, interest: [], handler: recorder)
                far.close()
            },
            { loop in
                #expect(recorder.calls == [.hangUp])
                loop.updateOnLoop(near.descriptor, interest: .read)
            },
            { loop in
                #expect(recorder.calls.count > 1)
                #expect(recorder.calls.last == [.read, .hangUp])
                loop.deregisterOnLoop(near.descriptor)
            })
        near.close()
    }

    @Test func `the loop lets go of a handler when it is deregistered`() async throws {
        let (near, far) = try Self.socketPair()
        nonisolated(unsafe) weak var released: Recorder?
        try await onLoop(
            { loop in
                let recorder = Recorder()
                released = recorder
                try loop.registerOnLoop(near.descriptor, interest: .read, handler: recorder)
            },
            { loop in
                #expect(released != nil)
                loop.deregisterOnLoop(near.descriptor)
                #expect(released == nil)
            })
        near.close()
        far.close()
    }
}

/// Accepts and echoes until each client closes.
private final class EchoListener: EventHandler {
    let loop: EventLoop
    let listener: Socket
    let address: SocketAddress

    init(_ loop: EventLoop) throws {
        self.loop = loop
        listener = try Socket.listen(on: .loopback(port: 0))
        address = try #require(listener.localAddress)
        try loop.registerOnLoop(listener.descriptor, interest: .read, handler: self)
    }

    deinit {
        listener.close()
    }

    func readyOnLoop(_ readiness: Readiness) {
        while case .accepted(let socket, _) = listener.accept() {
            let connection = EchoConnection(loop, socket)
            #expect(throws: Never.self) {
                try loop.registerOnLoop(socket.descriptor, interest: .read, handler: connection)
            }
        }
    }
}

private final class EchoConnection: EventHandler {
    let loop: EventLoop
    let socket: Socket

    init(_ loop: EventLoop, _ socket: Socket) {
        self.loop = loop
        self.socket = socket
    }

    func readyOnLoop(_ readiness: Readiness) {
        var buffer = [UInt8](repeating: 0, count: 100)
        switch buffer.withUnsafeMutableBytes({ socket.read(into: $0) }) {
        case .bytes(let count): _ = buffer[..<count].withUnsafeBytes { socket.write($0) }
        case .wouldBlock: break
        case .closed, .failed:
            loop.deregisterOnLoop(socket.descriptor)
            socket.close()
        }
    }
}
