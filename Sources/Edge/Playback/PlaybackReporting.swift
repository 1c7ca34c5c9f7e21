import EventLoop
import HTTPClient
import HTTPWire
import Synchronization

/// Whether this process tells the origin what it serves: from when it follows the origin to its end, also while another one has
/// the store.
final class PlaybackReporting: Sendable {
    private static let answerBytes = 64 << 10

    private let core: EdgeCore
    private let content: ContentHolder
    private let handlers: EdgeHandlers
    private let resolver: Resolver
    private let loop: EventLoop
    private let task = Mutex<Task<Void, Never>?>(nil)

    init(core: EdgeCore, content: ContentHolder, handlers: EdgeHandlers, resolver: Resolver, loop: EventLoop) {
        self.core = core
        self.content = content
        self.handlers = handlers
        self.resolver = resolver
        self.loop = loop
    }

    /// Begins, if the configuration names an origin to tell.
    func start() {
        guard content.snapshot.controlOrigin != nil else { return }
        let client = HTTPClient(loop: loop, resolver: resolver)
        let reporter = PlaybackReporter(
            PlaybackReporter.Surroundings(
                take: { [handlers] in await handlers.takePlayback() },
                send: { [content] report in
                    guard let origin = content.snapshot.controlOrigin else { throw CancellationError() }
                    let answer = try await client.send(origin.report(report, epochSeconds: WallClock.epochSeconds()))
                    _ = try await answer.body.collect(upTo: Self.answerBytes)
                    return answer.status.code
                },
                epochSeconds: { WallClock.epochSeconds() }, pause: { try await Task.sleep(for: $0) })
        ) { [core] event in
            core.metrics.playbackReported(event)
            if case .refused(let status, let requests) = event {
                core.log.playbackRefused(status: status, requests: requests)
            }
        }
        task.withLock { task in
            task = Task(executorPreference: loop) {
                await reporter.report()
                client.shutdownOnLoop()
            }
        }
    }

    /// Tells what is left, and ends.
    func stop() async {
        let task = task.withLock { task in
            defer { task = nil }
            return task
        }
        task?.cancel()
        await task?.value
    }
}
