/// The bytes of a body between the loop that reads them and the one task that wants them: back-pressure on one side, a
/// waiting reader on the other. A plain state machine; its owner holds it in a `Mutex` and performs what it returns after
/// letting the lock go.
///
/// What comes while the reader is busy is gathered into one piece, in memory that is used again: two pieces' worth, whatever the
/// length of the body.
public struct BodyQueue<Failure: Error>: Sendable {
    /// A piece, nil at the clean end, or why the rest will not come.
    public typealias Next = Result<[UInt8]?, Failure>
    /// A task that waits for the next piece.
    public typealias Reader = CheckedContinuation<Next, Never>

    /// What a reader gets.
    public struct Answer {
        /// Nil: nothing yet.
        public var next: Next?
        /// Whether the loop, which had been told to pause, must be told to go on.
        public var resumesProducer: Bool
    }

    /// What a producer gets.
    public struct Receipt: Sendable {
        /// Whether the producer must pause.
        public let pauses: Bool
        private let reader: Reader?
        private let piece: [UInt8]

        fileprivate init(pauses: Bool, reader: Reader? = nil, piece: [UInt8] = []) {
            self.pauses = pauses
            self.reader = reader
            self.piece = piece
        }

        /// Gives the bytes to the reader that waited for them, if one did. To be called once, without the lock.
        public func deliver() { reader?.resume(returning: .success(piece)) }
    }

    private enum End: Sendable {
        case open
        case ended
        case failed(Failure)
    }

    private let highWater: Int
    /// What has come since a piece was taken.
    private var gathered: [UInt8] = []
    /// The piece that was taken last. The next one has its memory once its reader has let go of it.
    private var taken: [UInt8] = []
    private var isPaused = false
    private var end = End.open
    private var reader: Reader?

    /// A queue that pauses its producer when it holds `highWater` bytes, until they are taken. A piece has fewer bytes than that
    /// and one receipt together.
    public init(highWater: Int) {
        self.highWater = highWater
    }

    // MARK: Reader

    /// What can be answered without waiting.
    public mutating func take() -> Answer {
        if !gathered.isEmpty {
            defer { isPaused = false }
            return Answer(next: .success(removePiece()), resumesProducer: isPaused)
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

    /// Bytes have arrived, valid during the call only: they are a waiting reader's, else they are kept.
    public mutating func receive(_ bytes: UnsafeRawBufferPointer) -> Receipt {
        gather(bytes)
        if let reader = removeReader() { return Receipt(pauses: false, reader: reader, piece: removePiece()) }
        isPaused = gathered.count >= highWater
        return Receipt(pauses: isPaused)
    }

    /// The body is complete, or with `error` will never be. What is queued can still be read. Returns who waits.
    public mutating func finish(_ error: Failure? = nil) -> Reader? {
        end = error.map(End.failed) ?? .ended
        taken = []
        return removeReader()
    }

    // MARK: Memory

    private mutating func gather(_ bytes: UnsafeRawBufferPointer) {
        if gathered.isEmpty {
            swap(&gathered, &taken)
            gathered.removeAll(keepingCapacity: true)
        } else if gathered.capacity < gathered.count + bytes.count {
            gathered.reserveCapacity(highWater + bytes.count)
        }
        gathered.append(contentsOf: bytes)
    }

    private mutating func removePiece() -> [UInt8] {
        swap(&gathered, &taken)
        gathered = []
        return taken
    }
}
