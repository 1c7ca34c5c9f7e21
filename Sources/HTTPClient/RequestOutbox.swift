internal import Bytes

/// The part of a streamed request body that was written and not yet sent.
struct RequestOutbox: ~Copyable {
    var bytes = GrowableBuffer()
    /// Bytes written so far, sent or not.
    var written = 0
    /// The writer has said that there is no more.
    var isFinished = false
    /// The last chunk has been queued.
    var isEndQueued = false
    /// The writer was told to pause and expects to be told when to go on.
    var isWriterWaiting = false

    /// False if `more` would exceed the announced length.
    mutating func append(_ more: UnsafeRawBufferPointer, announced: Int?) -> Bool {
        if let announced, written + more.count > announced { return false }
        bytes.append(more)
        written += more.count
        return true
    }
}
