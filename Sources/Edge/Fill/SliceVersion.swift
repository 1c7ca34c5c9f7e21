import HTTPWire
import SegmentStore

/// What binds the slices of one object to each other: parts with the same strong entity tag and the same whole length are
/// of the same bytes (RFC 9111 §3.4).
struct SliceVersion: Equatable, Sendable {
    /// As the origin sent it, quotes included.
    var etag: [UInt8]
    /// Bytes of the whole object.
    var total: Int

    init(etag: [UInt8], total: Int) {
        self.etag = etag
        self.total = total
    }

    /// `nil` for a response whose parts could not be told from those of another version.
    init?(_ head: FilledHead, length: Int?) {
        guard head.status == HTTPStatus.ok.code, let length,
            let tag = head.etag.withUnsafeBytes({ EntityTag(fieldValue: $0) }), !tag.isWeak
        else { return nil }
        self.init(etag: head.etag, total: length)
    }
}

/// The keys of slices. A slice is an object of its own in the store; everything that purges the object purges its slices,
/// because their keys begin with its key and carry its tags.
enum SliceKey {
    /// Slice `index` of the object at `key`.
    static func slice(_ index: Int, of key: [UInt8]) -> [UInt8] { key + Array("\0s \(index)".utf8) }

    /// Stands for the knowledge that the object at `key` is not to be had in slices.
    static func unsliceable(_ key: [UInt8]) -> [UInt8] { key + Array("\0s".utf8) }

    /// Whether there can be slices under `key`, which for variants there cannot.
    static func mayBeSliced(_ key: [UInt8]) -> Bool {
        key.count + 24 <= CacheKey.maximumLength && !key.contains(0)
    }
}

/// A slice to ask the origin for.
struct SliceOrder {
    /// The key of the whole object.
    let key: [UInt8]
    let index: Int
    /// Bytes of every slice but the last.
    let sliceBytes: Int
    /// The version the slice must be of, if slices of it are known.
    let version: SliceVersion?
    /// Who has passed on the request this is for.
    let loopMarks: [String]
    let addition: OriginAddition?

    var start: Int { index * sliceBytes }

    /// Adds the fields that ask for the slice.
    func add(to headers: inout Headers, isConditional: Bool) {
        headers.set("Range", "bytes=\(start)-\(start + sliceBytes - 1)")
        for mark in loopMarks { headers.add(LoopMark.field, mark) }
        if let version, !isConditional { headers.set("If-Range", String(decoding: version.etag, as: UTF8.self)) }
    }
}

/// The annotation of a stored slice: where it stands in the whole object and how long that is, then what a whole object's
/// annotation has.
///
/// The place is written down because the size of slices may be another after a restart.
struct SliceAnnotation: Equatable {
    /// Of the first byte.
    var start: Int
    var total: Int
    var response: StoredAnnotation

    init(start: Int, total: Int, response: StoredAnnotation) {
        self.start = start
        self.total = total
        self.response = response
    }

    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count > 16, let response = StoredAnnotation(UnsafeRawBufferPointer(rebasing: bytes[16...])),
            let start = Int(exactly: Int64(littleEndian: bytes.loadUnaligned(as: Int64.self))),
            let total = Int(exactly: Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: Int64.self))),
            start >= 0, start < total
        else { return nil }
        self.init(start: start, total: total, response: response)
    }

    var bytes: [UInt8] {
        let numbers = (Int64(start).littleEndian, Int64(total).littleEndian)
        return withUnsafeBytes(of: numbers) { Array($0) } + response.bytes
    }
}
