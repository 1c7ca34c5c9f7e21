internal import Glibc

/// A thread that does one thing and is joined.
///
/// It has the caller's signal mask: a system call that the jail refuses is to say so on whatever thread it is made.
final class LaneThread {
    private final class Start: Sendable {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    private let thread: pthread_t

    /// Throws `TranscodeFailure` when the system gives none.
    init(_ body: @escaping @Sendable () -> Void) throws(TranscodeFailure) {
        let start = Unmanaged.passRetained(Start(body))
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Start>.fromOpaque(argument).takeRetainedValue().body()
                return nil
            }, start.toOpaque())
        guard code == 0 else {
            start.release()
            throw TranscodeFailure(
                reason: "This file could not be transcoded.", detail: "could not start a thread (errno \(code))",
                isRetryable: true)
        }
        self.thread = thread
    }

    /// Waits for its end; to be called once.
    func join() { pthread_join(thread, nil) }
}
