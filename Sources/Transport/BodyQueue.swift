/// The chunks of a body between the loop that reads them and the one task that wants them: back-pressure on one side, a
/// waiting reader on the other. A plain state machine; its owner holds it in a `Mutex` and performs what it returns after
/// letting the lock go.
public struct BodyQueue<Failure: Error>: Sendable {
    /// A chunk, nil at the clean end, or why the rest will not come.
    public typealias Next = Result<[UInt8]?, Failure>
    /// A task that waits for the next chunk.
    public typealias Reader = CheckedContinuation<Next, Never>

    /// What a reader gets.
    public struct Answer {
        /// Nil: nothing yet.
        public var next: Next?
        /// Whether the loop, which had been told to pause, must be told to go on.
        public var resumesProducer: Bool
    }

    private enum End: Sendable {
        case open
        case ended
        case failed(Failure)
    }

    private let highWater: Int
    private var chunks: [[UInt8]] = []
    private var bytes = 0
    private var isPaused = false
    private var end = End.open
    private var reader: Reader?

    /// A queue that pauses its producer when it holds `highWater` bytes, and lets it go on at half of that.
    public init(highWater: Int) {
        self.highWater = highWater
    }

    // MARK: Reader

    /// What can be answered without waiting.
    public mutating func take() -> Answer {
        if !chunks.isEmpty {
            let chunk = chunks.removeFirst()
            bytes -= chunk.count
            let resumes = isPaused && bytes <= highWater / 2
            if resumes { isPaused = false }
            return Answer(next: .success(chunk), resumesProducer: resumes)
        }
        let next: Next? =
            switch end {
            case .open: nil
            case .ended: .success(nil)
            case .failed(let error): .failure(error)
            }
        return Answer(next: next, resumesProducer: false)
    }

    /// What can be answered now after all, because it came since `take()`; if nothing, `reader` waits.
    public mutating func wait(_ reader: Reader) -> Answer {
        let answer = take()
        if answer.next == nil {
            precondition(self.reader == nil, "a body is read by one task at a time")
            self.reader = reader
        }
        return answer
    }

    /// Whoever waits, to be told why it waits no more.
    public mutating func removeReader() -> Reader? {
        defer { reader = nil }
        return reader
    }

    // MARK: Producer

    /// A chunk has arrived: the reader to give it to, else it is kept; and whether the producer must pause.
    public mutating func receive(_ chunk: [UInt8]) -> (reader: Reader?, pauses: Bool) {
        if let reader = removeReader() { return (reader, false) }
        chunks.append(chunk)
        bytes += chunk.count
        isPaused = bytes >= highWater
        return (nil, isPaused)
    }

    /// The body is complete, or with `error` will never be. What is queued can still be read. Returns who waits.
    public mutating func finish(_ error: Failure? = nil) -> Reader? {
        end = error.map(End.failed) ?? .ended
        return removeReader()
    }
}
