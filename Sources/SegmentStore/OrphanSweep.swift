/// Compares the chunks found in one environment with the chunks the index expects there: what a killed process left
/// behind is deleted, an object that lacks a chunk is dropped.
///
/// Both sides come in order of object id, so one pass does.
struct OrphanSweep {
    /// An object the index knows.
    struct Expected: Equatable {
        let id: ObjectID
        let length: Int
    }

    private let sizeClass: SizeClass
    private let expected: [Expected]
    private var position = 0
    private var seen = 0
    /// Objects that lack at least one chunk of this class.
    private(set) var incomplete: Set<ObjectID> = []

    /// `expected` holds every chunked object, in order of id.
    init(_ sizeClass: SizeClass, expected: [Expected]) {
        self.sizeClass = sizeClass
        self.expected = expected
    }

    /// Takes the next key of the environment, in key order; returns whether it belongs to an object.
    mutating func belongs(_ key: ChunkKey, valueBytes: Int) -> Bool {
        advance(to: key.id)
        guard position < expected.count, expected[position].id == key.id else { return false }
        let length = expected[position].length
        let index = Int(key.index)
        guard index < SizeClass.chunkCount(ofLength: length), SizeClass.of(chunk: index, length: length) == sizeClass,
            valueBytes == sizeClass.valueBytes
        else { return false }
        seen += 1
        return true
    }

    /// Closes the account of the objects after the last key.
    mutating func finish() { advance(to: nil) }

    private mutating func advance(to id: ObjectID?) {
        while position < expected.count, id.map({ expected[position].id < $0 }) ?? true {
            let object = expected[position]
            if seen < sizeClass.pieces(ofLength: object.length) { incomplete.insert(object.id) }
            position += 1
            seen = 0
        }
    }
}

/// Key of a chunk: object id and chunk number, both big-endian, so that the chunks of an object lie together and new
/// ones are appended at the end of the tree.
struct ChunkKey: Equatable {
    static let byteCount = 12
    /// The one key of a chunk environment that is no chunk's; see `StoreWriter.age`.
    static let ageKey: [UInt8] = [0]
    let id: ObjectID
    let index: UInt32

    init(id: ObjectID, index: UInt32) {
        self.id = id
        self.index = index
    }

    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count == ChunkKey.byteCount else { return nil }
        id = ObjectID(rawValue: UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)))
        index = UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
    }

    /// Runs `body` on the key's bytes, which live on the stack.
    func withBytes<R>(_ body: (UnsafeRawBufferPointer) throws(StoreError) -> R) throws(StoreError) -> R {
        var storage: (UInt64, UInt32) = (id.rawValue.bigEndian, index.bigEndian)
        let result: Result<R, StoreError> = withUnsafeBytes(of: &storage) { bytes in
            let key = UnsafeRawBufferPointer(rebasing: bytes[..<ChunkKey.byteCount])
            do throws(StoreError) { return .success(try body(key)) } catch { return .failure(error) }
        }
        return try result.get()
    }
}
