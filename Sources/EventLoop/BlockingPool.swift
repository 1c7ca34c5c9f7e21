internal import Glibc
internal import Synchronization

/// A bounded set of threads for calls that block: SQLite, files, Argon2, `getaddrinfo`.
///
/// The queue is bounded as well. When it is full, `run` throws `Overloaded` at once, which a server answers with 503: waiting
/// longer would only make every caller late.
public final class BlockingPool: Sendable {
    /// The queue is full; try again later.
    public struct Overloaded: Error, Sendable, Equatable, CustomStringConvertible {
        /// The pool's name.
        public var pool: String
        /// How many calls were waiting already.
        public var queueLimit: Int

        /// Reports a full queue.
        public init(pool: String, queueLimit: Int) {
            self.pool = pool
            self.queueLimit = queueLimit
        }

        /// What a person reads in logs and errors.
        public var description: String { "the \(pool) pool has \(queueLimit) calls waiting already" }
    }

    /// The pool's name, as its threads show it.
    public let name: String
    private let queue: BlockingQueue
    private let workers: [NativeThread]

    /// Starts `threads` threads.
    ///
    /// `queueLimit` counts the calls that wait, not those that run.
    public init(
        name: String = "blocking", threads: Int, queueLimit: Int, pace: ThreadPace = .usual
    ) throws(SystemError) {
        precondition(threads > 0 && queueLimit >= 0, "a pool needs a thread")
        self.name = name
        let queue = BlockingQueue(limit: queueLimit + threads)
        var workers: [NativeThread] = []
        for index in 0..<threads {
            let worker = NativeThread()
            do throws(SystemError) {
                try worker.start(name: "\(name)-\(index)", pace: pace) { queue.work() }
            } catch {
                queue.close()
                throw error
            }
            workers.append(worker)
        }
        self.queue = queue
        self.workers = workers
    }

    deinit {
        queue.close()
    }

    /// Runs `body` on one of the threads and returns to the caller's executor.
    ///
    /// Throws what `body` throws, `Overloaded` when the queue is full or the pool is shut down, and `CancellationError` when
    /// the task is cancelled before `body` starts. A running `body` is never interrupted.
    public func run<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        let call = CancellableCall()
        return try await withTaskCancellationHandler {
            try await withUnsafeThrowingContinuation { (continuation: UnsafeContinuation<Result, any Error>) in
                let isQueued = queue.append {
                    guard !call.isCancelled else { return continuation.resume(throwing: CancellationError()) }
                    continuation.resume(with: Swift.Result(catching: body))
                }
                if !isQueued {
                    continuation.resume(throwing: Overloaded(pool: name, queueLimit: queue.limit - workers.count))
                }
            }
        } onCancel: {
            call.cancel()
        }
    }

    /// Runs `body` on one of the threads some time; false, and nothing will run, when the queue is full or the pool is shut
    /// down.
    ///
    /// For loops, which cannot wait: `body` itself says when it is done.
    public func submit(_ body: @escaping @Sendable () -> Void) -> Bool {
        queue.append(body)
    }

    /// Calls that wait or run.
    public var load: Int { queue.load }

    /// Refuses new calls, finishes the accepted ones and joins the threads.
    ///
    /// Blocks; do not call it from a loop or from the pool.
    public func shutdown() {
        queue.close()
        for worker in workers { worker.join() }
    }
}

private final class CancellableCall: Sendable {
    private let flag = Atomic<Bool>(false)

    var isCancelled: Bool { flag.load(ordering: .relaxed) }

    func cancel() {
        flag.store(true, ordering: .relaxed)
    }
}

/// The queue between callers and threads.
///
/// It outlives the pool until the last thread has left.
private final class BlockingQueue: @unchecked Sendable {
    // Sendable because `calls`, `accepted` and `isClosed` are touched only with `lock` held.

    typealias Call = @Sendable () -> Void

    /// Calls accepted at one time, running ones included.
    let limit: Int
    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var calls: [Call?] = []
    private var next = 0
    private var accepted = 0
    private var isClosed = false

    init(limit: Int) {
        self.limit = limit
        pthread_mutex_init(lock, nil)
        pthread_cond_init(condition, nil)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(lock)
        condition.deallocate()
        lock.deallocate()
    }

    var load: Int {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return accepted
    }

    func append(_ call: @escaping Call) -> Bool {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        guard !isClosed, accepted < limit else { return false }
        accepted += 1
        calls.append(call)
        pthread_cond_signal(condition)
        return true
    }

    func close() {
        pthread_mutex_lock(lock)
        isClosed = true
        pthread_cond_broadcast(condition)
        pthread_mutex_unlock(lock)
    }

    /// A thread's whole life.
    func work() {
        while let call = take() {
            call()
            pthread_mutex_lock(lock)
            accepted -= 1
            pthread_mutex_unlock(lock)
        }
    }

    private func take() -> Call? {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        while next == calls.count {
            if isClosed { return nil }
            pthread_cond_wait(condition, lock)
        }
        let call = calls[next].take()
        next += 1
        if next == calls.count || next > 1_024 {
            calls.removeFirst(next)
            next = 0
        }
        return call
    }
}
