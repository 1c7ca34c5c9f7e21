/// One of the further blobs of an object that owns several: the bytes after those of its first blob.
public struct ObjectPiece: Sendable, Equatable {
    /// Place of its first byte in the object.
    public var start: Int64
    /// The blob; no other object has it.
    public var blob: String
    /// Bytes, all that the blob has.
    public var size: Int64

    /// Describes a piece.
    public init(start: Int64, blob: String, size: Int64) {
        self.start = start
        self.blob = blob
        self.size = size
    }
}

/// Reads which blobs objects own beside their first.
public protocol ObjectPieceReader {
    /// The piece of the object with this first blob that holds the byte at `place`; nil when there is none.
    func objectPiece(blob: String, holding place: Int64) throws -> ObjectPiece?
    /// Every piece of the object with this first blob, in the order of its bytes; at most 9,999.
    func objectPieces(blob: String) throws -> [ObjectPiece]
    /// How many pieces the object with this first blob has, and the one at `position`, counted from 0.
    func objectPiece(blob: String, at position: Int) throws -> (piece: ObjectPiece?, count: Int)
}

/// Changes which blobs objects own beside their first.
public protocol ObjectPieceWriter {
    /// Gives an object that is visible the blobs of its further bytes; they are put on the reclaim list with its first.
    func insert(_ pieces: [ObjectPiece], ofObjectWithBlob blob: String) throws
}
