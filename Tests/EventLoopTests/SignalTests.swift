import EventLoop
import Glibc
import Testing

@Suite(.serialized)
struct SignalTests {
    @Test func `a signal to the process arrives as an event of the loop, whichever thread takes it`() async throws {
        let loop = try EventLoop()
        let signals = try await SignalWatcher.signals([.user1, .urgent], on: loop)
        var iterator = signals.makeAsyncIterator()
        kill(getpid(), SIGUSR1)
        #expect(await iterator.next() == .user1)
        kill(getpid(), SIGURG)
        #expect(await iterator.next() == .urgent)
        await loop.shutdown()
    }

    @Test func `a signal that came before anybody watched is not lost`() async throws {
        Signals.block([.user2])
        kill(getpid(), SIGUSR2)
        let loop = try EventLoop()
        var iterator = try await SignalWatcher.signals([.user2], on: loop).makeAsyncIterator()
        #expect(await iterator.next() == .user2)
        await loop.shutdown()
    }

    @Test func `a closed watcher hears nothing more, and another one may follow`() async throws {
        let loop = try EventLoop()
        let first: Signal = try await withCheckedThrowingContinuation { continuation in
            loop.submit {
                do {
                    var watcher: SignalWatcher?
                    watcher = try SignalWatcher.watchOnLoop(loop, [.child]) { signal in
                        watcher?.closeOnLoop()
                        watcher = nil
                        continuation.resume(returning: signal)
                    }
                    kill(getpid(), SIGCHLD)
                } catch {
                    continuation.resume(throwing: error)
                }
            }
        }
        #expect(first == .child)
        kill(getpid(), SIGCHLD)
        var iterator = try await SignalWatcher.signals([.child], on: loop).makeAsyncIterator()
        #expect(await iterator.next() == .child)
        await loop.shutdown()
    }

    @Test func `a number that is no signal, or one nobody can catch, is refused by name`() async throws {
        let loop = try EventLoop()
        for number in [0, -1, 65, SIGKILL] {
            let error = await #expect(throws: SystemError.self) {
                _ = try await SignalWatcher.signals([Signal(rawValue: number)], on: loop)
            }
            #expect(error?.description == "catch signal \(number): Invalid argument")
        }
        await loop.shutdown()
    }
}

extension Signal {
    // Not the signals that end a test run.
    fileprivate static let user2 = Signal(rawValue: SIGUSR2)
    fileprivate static let urgent = Signal(rawValue: SIGURG)
}
