internal import Glibc

/// Starts a detached thread that nobody joins. `ended` is called on it when `body` is done and all that it held is let go.
func startThread(
    _ body: @escaping @Sendable () -> Void, ended: @escaping @Sendable () -> Void = {}
) throws(StoreError) {
    let start = Unmanaged.passRetained(ThreadStart(body, ended))
    var thread = pthread_t()
    let code = pthread_create(
        &thread, nil,
        { argument in
            if let argument { Unmanaged<ThreadStart>.fromOpaque(argument).takeRetainedValue().run() }
            return nil
        }, start.toOpaque())
    if code != 0 {
        start.release()
        throw StoreError(.system, "could not start a thread for the store: \(errorText(code))", number: code)
    }
    pthread_detach(thread)
}

private final class ThreadStart: @unchecked Sendable {
    // Sendable because whoever made it hands it to the thread and keeps nothing.

    private var body: (@Sendable () -> Void)?
    private let ended: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void, _ ended: @escaping @Sendable () -> Void) {
        self.body = body
        self.ended = ended
    }

    func run() {
        body?()
        body = nil
        ended()
    }
}
