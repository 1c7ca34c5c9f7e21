internal import Glibc

/// Work in lanes: what is put into a lane is done in that order and by one thread at a time, that of different lanes side by
/// side.
///
/// The crew is the thread that puts, and some of its own. Whoever is free takes from the lane in which most is waiting, and the
/// thread that puts does so, too, while a lane is full: so nobody is idle while there is something to do, and what waits takes
/// bounded memory. With one thread alone everything is done where it is put. Confined to one thread, apart from its own ones.
final class LaneCrew<Item: Sendable, Product: Sendable> {
    /// Does what a lane is for to the next thing in it.
    typealias Lane = (Item) throws -> [Product]

    private let work: LaneWork<Item, Product>
    private let threads: [LaneThread]
    /// Things that may wait in a lane.
    private let depth: Int

    /// Things that may wait in a lane when there are several threads: some take longer than others, and nobody is to wait for those.
    static var usualDepth: Int { 2 }

    /// Begins `lanes` with `threads` threads, the caller's among them; there are never more than lanes and the caller.
    ///
    /// Throws `TranscodeFailure` when the system gives no thread.
    init(lanes: [Lane], threads count: Int) throws {
        let work = LaneWork(lanes)
        self.work = work
        var threads: [LaneThread] = []
        do {
            for _ in 0..<min(count - 1, lanes.count) { threads.append(try LaneThread { work.help() }) }
        } catch {
            work.close()
            for thread in threads { thread.join() }
            throw error
        }
        self.threads = threads
        depth = threads.isEmpty ? 0 : Self.usualDepth
    }

    deinit {
        work.close()
        for thread in threads { thread.join() }
    }

    /// Puts things into lanes, and waits where there is no room; returns what has been made until now, of each lane in order.
    ///
    /// Throws what the first lane that failed has thrown, which ends all work.
    func put(_ items: [(lane: Int, item: Item)]) throws -> [Product] {
        work.put(items)
        return try work.settle(depth: depth)
    }

    /// Waits until everything is done; returns and throws as `put` does.
    func finish() throws -> [Product] { try work.settle(depth: 0) }
}

/// What the threads of a crew share.
private final class LaneWork<Item: Sendable, Product: Sendable>: @unchecked Sendable {
    // Sendable because `state` is touched only with `lock` held, and a lane only by the thread that has made it busy.

    private struct State {
        var waiting: [[Item]]
        var isBusy: [Bool]
        var products: [Product] = []
        var failure: (any Error)?
        var isClosed = false

        /// The next thing of the free lane in which most is waiting; of the later one among equals, since large sizes come last.
        mutating func next() -> (lane: Int, item: Item)? {
            let free = waiting.indices.filter { !isBusy[$0] && !waiting[$0].isEmpty }
            guard let lane = free.reversed().max(by: { waiting[$0].count < waiting[$1].count }) else { return nil }
            isBusy[lane] = true
            return (lane, waiting[lane].removeFirst())
        }

        /// Whether more than `depth` things wait in a lane, or for none whether any is not done.
        func isFuller(than depth: Int) -> Bool {
            waiting.contains { $0.count > depth } || (depth == 0 && isBusy.contains(true))
        }
    }

    private let lanes: [LaneCrew<Item, Product>.Lane]
    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    /// Something was put, or done.
    private let change = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var state: State

    init(_ lanes: [LaneCrew<Item, Product>.Lane]) {
        self.lanes = lanes
        state = State(
            waiting: Array(repeating: [], count: lanes.count), isBusy: Array(repeating: false, count: lanes.count))
        pthread_mutex_init(lock, nil)
        pthread_cond_init(change, nil)
    }

    deinit {
        pthread_cond_destroy(change)
        pthread_mutex_destroy(lock)
        change.deallocate()
        lock.deallocate()
    }

    func put(_ items: [(lane: Int, item: Item)]) {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        guard state.failure == nil else { return }
        for (lane, item) in items { state.waiting[lane].append(item) }
        pthread_cond_broadcast(change)
    }

    func settle(depth: Int) throws -> [Product] {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        while state.failure == nil, state.isFuller(than: depth) {
            if !performNext() { pthread_cond_wait(change, lock) }
        }
        if let failure = state.failure { throw failure }
        defer { state.products = [] }
        return state.products
    }

    /// A thread's whole life.
    func help() {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        while !state.isClosed {
            if !performNext() { pthread_cond_wait(change, lock) }
        }
    }

    /// No more is begun.
    func close() {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        state.isClosed = true
        pthread_cond_broadcast(change)
    }

    /// Does one thing, without the lock, which the caller holds; false if there is none to do.
    private func performNext() -> Bool {
        guard let (lane, item) = state.next() else { return false }
        pthread_mutex_unlock(lock)
        let outcome = Result { try lanes[lane](item) }
        pthread_mutex_lock(lock)
        state.isBusy[lane] = false
        switch outcome {
        case .success(let products): state.products += products
        case .failure(let error):
            state.failure = state.failure ?? error
            for lane in state.waiting.indices { state.waiting[lane] = [] }
        }
        pthread_cond_broadcast(change)
        return true
    }
}
