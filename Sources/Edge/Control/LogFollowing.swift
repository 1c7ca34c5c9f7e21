import EventLoop
import HTTPClient
import Synchronization

/// What an edge keeps beside its cache of the control log that it follows.
public struct ControlFiles: Sendable {
    let position: ControlFile
    let keys: ControlFile

    /// - Parameters:
    ///   - position: how far the log is carried out.
    ///   - keys: the origin's keys as of some place in the log.
    public init(position: ControlFile, keys: ControlFile) {
        self.position = position
        self.keys = keys
    }
}

/// Whether this process follows the control log at the moment: from its start to its end, but not while another process has
/// the store and follows under the same name.
final class LogFollowing: Sendable {
    private struct State {
        var files: ControlFiles?
        var task: Task<Void, Never>?
        var follower: LogFollower?
    }

    private let core: EdgeCore
    private let content: ContentHolder
    private let handlers: EdgeHandlers
    private let resolver: Resolver
    private let loop: EventLoop
    private let state = Mutex(State())

    init(core: EdgeCore, content: ContentHolder, handlers: EdgeHandlers, resolver: Resolver, loop: EventLoop) {
        self.core = core
        self.content = content
        self.handlers = handlers
        self.resolver = resolver
        self.loop = loop
    }

    /// Begins, if the configuration names an origin to follow; `restored` is called once the keys of before are in force, and
    /// `settled` once what was missed is carried out or the origin cannot be asked.
    func start(
        _ files: ControlFiles, restored: @escaping @Sendable () -> Void, settled: @escaping @Sendable () -> Void
    ) {
        guard content.snapshot.controlOrigin != nil else {
            restored()
            return settled()
        }
        state.withLock { state in
            let client = HTTPClient(loop: loop, resolver: resolver)
            let keys = KeyBook(files.keys, core: core, handlers: handlers)
            let follower = LogFollower(
                core: core, content: content, client: client, position: files.position, keys: keys, settled: settled)
            state.files = files
            state.follower = follower
            state.task = Task(executorPreference: loop) {
                await keys.restore()
                restored()
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
        guard let files = state.withLock({ $0.task == nil ? $0.files : nil }) else { return }
        start(files, restored: {}, settled: {})
    }
}
