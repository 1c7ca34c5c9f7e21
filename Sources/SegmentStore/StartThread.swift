internal import Glibc

/// Starts a detached thread that nobody joins; `body` must signal its own end if somebody waits for it.
func startThread(_ body: @escaping @Sendable () -> Void) throws(StoreError) {
    let start = Unmanaged.passRetained(ThreadStart(body))
    var thread = pthread_t()
    let code = pthread_create(
        &thread, nil,
        { argument in
            if let argument { Unmanaged<ThreadStart>.fromOpaque(argument).takeRetainedValue().body() }
            return nil
        }, start.toOpaque())
    if code != 0 {
        start.release()
        throw StoreError(.system, "could not start a thread for the store: \(errorText(code))", number: code)
    }
    pthread_detach(thread)
}

private final class ThreadStart: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}
