import EventLoop
import HTTPServer
import SegmentStore

/// Leaving the place to a new process (see the README of `Daemon`).
extension EdgeServer {
    /// Descriptors of every listening socket for another process, by name; the caller closes them.
    public func socketsForSuccessor() async throws -> [(name: String, descriptor: Int32)] {
        var sockets: [(name: String, descriptor: Int32)] = []
        for listener in listeners {
            let name = listener.isGiven ? listener.name.rawValue : listener.name.bound
            sockets += try await listener.server.duplicateSockets().map { (name, $0.descriptor) }
        }
        return sockets
    }

    /// Lets new connections wait and another process have the store. What is under way goes on; what it fetches is not stored.
    public func releaseForSuccessor() async {
        for listener in listeners { await listener.server.holdAccepting() }
        await following.stop(saysGoodbye: false)
        try? await lifecycle.run { [store] in store.releaseForSuccessor() }
    }

    /// Takes the store back if it was released, and accepts what waits; returns why the store could not be had, in which case
    /// the edge serves from it and stores nothing more.
    public func resume(wasReleased: Bool) async -> String? {
        var problem: String?
        if wasReleased {
            do {
                try await lifecycle.run { [store] in try store.resumeAsWriter() }
            } catch {
                problem = "\(error)"
            }
        }
        following.resume()
        for listener in listeners { await listener.server.resumeAccepting() }
        return problem
    }

    /// Serves what is under way and ends, with connections that come from now on left to another process on the listeners it
    /// has taken over; on the others those that wait are served first.
    ///
    /// Returns false if `stop` has ended the edge meanwhile.
    public func leave(takenOver names: [String]) async -> Bool {
        admin.setServing(false)
        certificateWatch?.cancel()
        for listener in listeners where !names.contains(listener.name.rawValue) {
            await listener.server.resumeAccepting()
        }
        await drain(
            listeners, within: .seconds(settings.upgrade.drainSeconds),
            idleGrace: .seconds(settings.upgrade.idleSeconds))
        return await end()
    }
}
