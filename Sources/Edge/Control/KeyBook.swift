import EventLoop
import JSON
import Synchronization

/// Keeps the origin's keys on disk and puts them in force on every loop.
final class KeyBook: Sendable {
    private let file: ControlFile
    private let core: EdgeCore
    private let handlers: EdgeHandlers
    private let learnt = Mutex<LearntKeys?>(nil)

    init(_ file: ControlFile, core: EdgeCore, handlers: EdgeHandlers) {
        self.file = file
        self.core = core
        self.handlers = handlers
    }

    /// Whether there are none yet, not even from before the start.
    var isEmpty: Bool { learnt.withLock { $0 == nil } }

    /// Puts what is on the disk in force. What cannot be read counts as nothing: the origin is asked for all of it.
    func restore() async {
        do {
            let stored = try await core.blocking.run { [file] in try file.read().map { LearntKeys(stored: $0) } }
            guard let stored else { return }
            guard let keys = stored else { return core.log.keysNotRestored("the file is damaged") }
            await putInForce(keys)
        } catch {
            core.log.keysNotRestored("\(error)")
        }
    }

    /// Learns the keys as of `position`: durably, then on every loop, so that no request that starts after this is checked
    /// with others. Older keys than those known are passed over: they were learnt ahead of their entry.
    ///
    /// - Throws: `LearntKeys.Refused`, or what the disk says.
    func learn(_ document: JSONValue, at position: LogPosition) async throws {
        if learnt.withLock({ $0?.covers(position) ?? false }) { return }
        let keys = try await core.blocking.run { [file] in
            let keys = try LearntKeys(document, at: position)
            try file.write(keys.stored)
            return keys
        }
        await putInForce(keys)
    }

    private func putInForce(_ keys: LearntKeys) async {
        learnt.withLock { $0 = keys }
        await handlers.adopt(keys)
        core.metrics.keysLearnt(keys.count)
        core.log.keysLearnt(keys)
    }
}
