import SegmentStore

/// The newest bytes of an object while it arrives: a window of pieces that never move, so loops may read what is below the
/// published count without a lock while the filling loop writes above it.
///
/// A piece holds what a chunk of the store holds, so that what has left the window is looked for by the same number.
struct FillBody {
    /// Bytes in a piece when the length is unknown, and at most.
    static let pieceBytes = StoredObject.chunkBytes

    private var pieces: [Piece] = []
    /// The number of `pieces[0]`.
    private(set) var firstPiece = 0
    /// Bytes published.
    private(set) var count = 0
    /// Bytes of memory the window takes.
    private(set) var heldBytes = 0

    /// A run of memory that is written once, front to back.
    final class Piece: @unchecked Sendable {
        // Sendable: bytes below the count published under the fill's lock are never written again, and readers only
        // look below it.
        private let storage: UnsafeMutableRawBufferPointer

        init(capacity: Int) {
            storage = .allocate(byteCount: capacity, alignment: 16)
        }

        deinit { storage.deallocate() }

        var capacity: Int { storage.count }

        func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
            UnsafeMutableRawBufferPointer(rebasing: storage[offset...]).copyMemory(from: bytes)
        }

        func bytes(_ range: Range<Int>) -> UnsafeRawBufferPointer {
            UnsafeRawBufferPointer(rebasing: storage[range])
        }
    }

    /// Where the bytes from some position on are.
    enum Run {
        case memory(Piece, Range<Int>)
        /// They have left the window: the number of the piece, and the range within it.
        case left(piece: Int, Range<Int>)
    }

    /// Whether the oldest piece is written to its end.
    var isOldestFull: Bool { count >= (firstPiece + 1) * Self.pieceBytes }

    /// Appends a copy of `bytes`; `expected` is the whole length when known, so that small objects take little memory.
    mutating func append(_ bytes: UnsafeRawBufferPointer, expected: Int?) {
        var rest = bytes
        while !rest.isEmpty {
            let offset = count % Self.pieceBytes
            if offset == 0 {
                let remaining = max((expected ?? .max) - count, rest.count)
                let piece = Piece(capacity: min(Self.pieceBytes, remaining))
                pieces.append(piece)
                heldBytes += piece.capacity
            }
            let taken = min(rest.count, Self.pieceBytes - offset)
            pieces[pieces.count - 1].write(UnsafeRawBufferPointer(rebasing: rest[..<taken]), at: offset)
            count += taken
            rest = UnsafeRawBufferPointer(rebasing: rest[taken...])
        }
    }

    /// Where byte `position` and those behind it are, at most up to `end`; `nil` when that byte has not arrived.
    func run(from position: Int, upTo end: Int) -> Run? {
        let limit = min(end, count)
        guard position < limit else { return nil }
        let number = position / Self.pieceBytes
        let start = position % Self.pieceBytes
        let range = start..<min(Self.pieceBytes, start + limit - position)
        if number < firstPiece { return .left(piece: number, range) }
        return .memory(pieces[number - firstPiece], range)
    }

    /// Lets the oldest piece go; its readers keep it until they are done.
    mutating func dropOldest() {
        heldBytes -= pieces.removeFirst().capacity
        firstPiece += 1
    }

    /// Lets everything go.
    mutating func dropAll() {
        firstPiece += pieces.count
        pieces = []
        heldBytes = 0
    }
}
