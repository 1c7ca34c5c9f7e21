import EventLoop
import HTTPClient
import Synchronization

/// Whether this process follows the control log at the moment: from its start to its end, but not while another process has
/// the store and follows under the same name.
final class LogFollowing: Sendable {
    private struct State {
        var file: ControlPositionFile?
        var task: Task<Void, Never>?
        var follower: LogFollower?
    }

    private let core: EdgeCore
    private let content: ContentHolder
    private let resolver: Resolver
    private let loop: EventLoop
    private let state = Mutex(State())

    init(core: EdgeCore, content: ContentHolder, resolver: Resolver, loop: EventLoop) {
        self.core = core
        self.content = content
        self.resolver = resolver
        self.loop = loop
    }

    /// Begins, if the configuration names an origin to follow; `settled` is called once what was missed is carried out or
    /// the origin cannot be asked.
    func start(_ file: ControlPositionFile, settled: @escaping @Sendable () -> Void) {
        guard content.snapshot.controlOrigin != nil else { return settled() }
        state.withLock { state in
            let client = HTTPClient(loop: loop, resolver: resolver)
            let follower = LogFollower(core: core, content: content, client: client, file: file, settled: settled)
            state.file = file
            state.follower = follower
            state.task = Task(executorPreference: loop) {
                await follower.run()
                client.shutdownOnLoop()
            }
        }
    }

    /// Ends it; without a goodbye where another process goes on under the same name.
    func stop(saysGoodbye: Bool) async {
        let (task, follower) = state.withLock { state in
            defer { (state.task, state.follower) = (nil, nil) }
            return (state.task, state.follower)
        }
        if !saysGoodbye { follower?.leaveSilently() }
        task?.cancel()
        await task?.value
    }

    /// Begins again if it was begun before and has ended.
    func resume() {
        guard let file = state.withLock({ $0.task == nil ? $0.file : nil }) else { return }
        start(file) {}
    }
}
