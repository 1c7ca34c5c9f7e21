import SegmentStore

/// What the edge must know about a stored response beside its head and the store's own numbers: sixteen bytes, read in
/// place at a hit.
struct StoredAnnotation: Equatable {
    /// Epoch seconds at which the response was new.
    var bornAt: Int64
    /// Epoch seconds of `Last-Modified`, if there was one.
    var lastModified: Int64?

    private static let noDate = Int64.min

    init(bornAt: Int64, lastModified: Int64?) {
        self.bornAt = bornAt
        self.lastModified = lastModified
    }

    /// `nil` for bytes of another shape, which a store of another version would hold.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count == 16 else { return nil }
        bornAt = Int64(littleEndian: bytes.loadUnaligned(as: Int64.self))
        let date = Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: Int64.self))
        lastModified = date == Self.noDate ? nil : date
    }

    var bytes: [UInt8] {
        var numbers = (bornAt.littleEndian, (lastModified ?? Self.noDate).littleEndian)
        return withUnsafeBytes(of: &numbers) { Array($0) }
    }
}
