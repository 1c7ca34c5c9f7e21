import SegmentStore

/// What of an arriving object is in memory and in the store, and what of it may go: the bookkeeping of a `Fill`, without
/// lock or loop.
///
/// Memory is bounded whatever the object's size and the readers' pace:
///
/// - As long as the store takes the object, the oldest pieces go once the store has committed them; slower readers find them
///   there. Only the store paces the origin.
/// - If the store does not (the response is not to be stored, the disk is full), the fastest reader paces the origin:
///   the oldest piece goes once one reader has passed it. Who falls behind the window has to ask for the rest itself.
struct FillWindow {
    private(set) var body = FillBody()
    /// Number of the body in the store, once a writer is open.
    private(set) var storedAs: ObjectID?
    /// Chunks that can be read in the store, counted from the start.
    private(set) var committedChunks = 0
    /// Whether more chunks will be committed.
    private(set) var isBacked = false
    /// Whether the store has all of it, last piece included.
    private(set) var isStored = false
    /// The position of the reader that has come furthest.
    private(set) var furthest = 0

    /// What a reader at a position can do.
    enum Step {
        case write(FillBody.Piece, Range<Int>)
        /// From the store: the chunk, its size, and the range within it.
        case read(ObjectID, chunk: Int, byteCount: Int, Range<Int>)
        case wait
        /// The bytes are neither here nor in the store.
        case lost
    }

    mutating func append(_ bytes: UnsafeRawBufferPointer, expected: Int?) {
        body.append(bytes, expected: expected)
    }

    /// The store takes the object under this number.
    mutating func open(_ id: ObjectID) {
        storedAs = id
        isBacked = true
    }

    mutating func committed(_ chunks: Int) {
        committedChunks = max(committedChunks, chunks)
    }

    /// The store takes no more; what it has committed stays there for the readers of this fill.
    mutating func storeRefused() {
        isBacked = false
    }

    /// The store has the whole object, in chunks.
    mutating func stored() {
        isStored = true
        isBacked = false
        body.dropAll()
    }

    func step(from position: Int, upTo end: Int) -> Step {
        switch body.run(from: position, upTo: end) {
        case nil: return .wait
        case .memory(let piece, let range): return .write(piece, range)
        case .left(let number, let range):
            guard let storedAs, isStored || number < committedChunks else { return .lost }
            let size = min(FillBody.pieceBytes, body.count - number * FillBody.pieceBytes)
            return .read(storedAs, chunk: number, byteCount: size, range)
        }
    }

    /// A reader has taken everything below `position`.
    mutating func passed(_ position: Int) {
        furthest = max(furthest, position)
    }

    /// Whether bytes of the start are gone, so that nobody new can be served from here.
    var hasLostStart: Bool { !isStored && body.firstPiece > committedChunks }

    /// Lets go what may go until no more than `limit` bytes are held. True when that does not suffice, so that nothing
    /// may be added.
    mutating func trim(to limit: Int) -> Bool {
        while body.heldBytes > limit, body.isOldestFull {
            let isReadable = body.firstPiece < committedChunks
            let isPassed = !isBacked && furthest >= (body.firstPiece + 1) * FillBody.pieceBytes
            guard isReadable || isPassed else { return true }
            body.dropOldest()
        }
        return body.heldBytes > limit
    }
}
