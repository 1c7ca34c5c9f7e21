internal import Glibc

/// Lets threads wait for something that happens once.
final class Signal: @unchecked Sendable {
    // Sendable: a semaphore is made to be shared.
    private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

    init() { sem_init(semaphore, 0, 0) }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    /// It happened.
    func set() { sem_post(semaphore) }

    /// Waits until it happened, and leaves it so.
    func wait() {
        consume()
        set()
    }

    /// Waits until it happened and forgets it.
    func consume() { while sem_wait(semaphore) != 0 {} }
}
