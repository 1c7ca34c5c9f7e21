/// The bytes of an object while it arrives: pieces that never move, so loops may read what is below the published count
/// without a lock while the filling loop writes above it.
struct FillBody {
    /// Bytes in a piece when the length is unknown, and at most.
    static let pieceBytes = 262_144

    private var pieces: [Piece] = []
    /// Bytes published.
    private(set) var count = 0

    /// A run of memory that is written once, front to back.
    final class Piece: @unchecked Sendable {
        // Sendable: bytes below the count published under the fill's lock are never written again, and readers only
        // look below it.
        private let storage: UnsafeMutableRawBufferPointer

        init(capacity: Int) {
            storage = .allocate(byteCount: capacity, alignment: 16)
        }

        deinit { storage.deallocate() }

        func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
            UnsafeMutableRawBufferPointer(rebasing: storage[offset...]).copyMemory(from: bytes)
        }

        func bytes(_ range: Range<Int>) -> UnsafeRawBufferPointer {
            UnsafeRawBufferPointer(rebasing: storage[range])
        }
    }

    /// Appends a copy of `bytes`; `expected` is the whole length when known, so that small objects take little memory.
    mutating func append(_ bytes: UnsafeRawBufferPointer, expected: Int?) {
        var rest = bytes
        while !rest.isEmpty {
            let offset = count % Self.pieceBytes
            if offset == 0 {
                let remaining = max((expected ?? .max) - count, rest.count)
                pieces.append(Piece(capacity: min(Self.pieceBytes, remaining)))
            }
            let taken = min(rest.count, Self.pieceBytes - offset)
            pieces[pieces.count - 1].write(UnsafeRawBufferPointer(rebasing: rest[..<taken]), at: offset)
            count += taken
            rest = UnsafeRawBufferPointer(rebasing: rest[taken...])
        }
    }

    /// The piece that holds byte `position` and the published range of it from there on, at most up to `end`; `nil` when
    /// that byte has not arrived.
    func run(from position: Int, upTo end: Int) -> (piece: Piece, range: Range<Int>)? {
        let limit = min(end, count)
        guard position < limit else { return nil }
        let index = position / Self.pieceBytes
        let start = position % Self.pieceBytes
        return (pieces[index], start..<min(Self.pieceBytes, start + limit - position))
    }
}
