internal import Bytes

/// The fixed part of an index record and where its variable parts lie.
///
/// The layout is in the README; all integers are little-endian.
struct IndexRecord: Equatable {
    static let version: UInt8 = 1
    static let headerBytes = 112
    static let crcOffset = 92

    /// What the body part holds.
    enum BodyKind: UInt8, Sendable {
        /// The body itself.
        case inline = 0
        /// One CRC-32C per chunk; the chunks are elsewhere.
        case chunks = 1
    }

    var kind: BodyKind
    var status: UInt16
    var flags: ObjectFlags
    var id: ObjectID
    var fence: PurgeSequence
    var length: UInt64
    var storedAt: Int64
    var freshUntil: Int64
    var staleIfErrorUntil: Int64
    var staleWhileRevalidateUntil: Int64
    var slot: UInt32
    /// Hash of the key up to its first NUL byte: what a purge of the URL names.
    var urlHash: Hash128
    var key: ByteSlice
    var head: ByteSlice
    var etag: ByteSlice
    var tags: ByteSlice
    var annotation: ByteSlice
    var body: ByteSlice

    /// Reads a record; `nil` if the bytes are not one.
    ///
    /// Bounds are checked, the checksum is not.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= IndexRecord.headerBytes, bytes[0] == IndexRecord.version,
            let kind = BodyKind(rawValue: bytes[1])
        else { return nil }
        self.kind = kind
        status = bytes.load(2)
        flags = ObjectFlags(rawValue: bytes.load(4))
        id = ObjectID(rawValue: bytes.load(8))
        fence = PurgeSequence(rawValue: bytes.load(16))
        length = bytes.load(24)
        storedAt = bytes.load(32)
        freshUntil = bytes.load(40)
        staleIfErrorUntil = bytes.load(48)
        staleWhileRevalidateUntil = bytes.load(56)
        slot = bytes.load(64)
        urlHash = Hash128(high: bytes.load(104), low: bytes.load(96))
        var offset = UInt64(IndexRecord.headerBytes)
        func next(_ countOffset: Int) -> ByteSlice {
            let count: UInt32 = bytes.load(countOffset)
            defer { offset += UInt64(count) }
            return ByteSlice(offset: UInt32(truncatingIfNeeded: offset), count: count)
        }
        key = next(68)
        head = next(72)
        etag = next(76)
        tags = next(80)
        annotation = next(84)
        body = next(88)
        guard offset == UInt64(bytes.count), length <= UInt64(Int64.max) else { return nil }
        switch kind {
        case .inline:
            guard length == UInt64(body.count) else { return nil }
        case .chunks:
            guard UInt64(body.count) == 4 * UInt64(SizeClass.chunkCount(ofLength: Int(length))) else { return nil }
        }
    }

    /// Whether the checksum over the whole record, body part included, is right.
    static func isIntact(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count >= headerBytes else { return false }
        return bytes.load(crcOffset) == checksum(bytes)
    }

    /// The expected CRC-32C of chunk `index`.
    func chunkChecksum(_ index: Int, in record: UnsafeRawBufferPointer) -> UInt32 {
        record.load(Int(body.offset) + 4 * index)
    }

    /// Bytes of the whole record.
    var byteCount: Int { body.end }

    private static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        var sum = CRC32C()
        sum.update(UnsafeRawBufferPointer(rebasing: bytes[..<crcOffset]))
        sum.update(UnsafeRawBufferPointer(rebasing: bytes[(crcOffset + 4)...]))
        return sum.value
    }

    /// Everything a new record is made of.
    struct Contents {
        var kind: BodyKind
        var id: ObjectID
        var fence: PurgeSequence
        var length: Int
        var slot: UInt32
        var key: [UInt8]
        var metadata: ObjectMetadata
        /// The inline body, or the chunks' checksums.
        var body: [UInt8]

        /// The record's bytes, checksum included; `hasher` gives the hashes that purges look for.
        func encoded(_ hasher: SipHash128) -> [UInt8] {
            let tags = TagList.encode(metadata.tags, hasher)
            var bytes: [UInt8] = []
            bytes.reserveCapacity(
                headerBytes + key.count + metadata.head.count + metadata.etag.count + tags.count
                    + metadata.annotation.count + body.count)
            bytes.append(version)
            bytes.append(kind.rawValue)
            bytes.append(littleEndian: UInt16(metadata.status))
            bytes.append(littleEndian: metadata.flags.rawValue)
            bytes.append(littleEndian: id.rawValue)
            bytes.append(littleEndian: fence.rawValue)
            bytes.append(littleEndian: UInt64(length))
            bytes.append(littleEndian: metadata.storedAt)
            bytes.append(littleEndian: metadata.freshUntil)
            bytes.append(littleEndian: metadata.staleIfErrorUntil)
            bytes.append(littleEndian: metadata.staleWhileRevalidateUntil)
            bytes.append(littleEndian: slot)
            for part in [key, metadata.head, metadata.etag, tags, metadata.annotation, body] {
                bytes.append(littleEndian: UInt32(part.count))
            }
            bytes.append(littleEndian: UInt32(0))
            let urlHash = hasher.hash(CacheKey.url(of: key))
            bytes.append(littleEndian: urlHash.low)
            bytes.append(littleEndian: urlHash.high)
            for part in [key, metadata.head, metadata.etag, tags, metadata.annotation, body] {
                bytes.append(contentsOf: part)
            }
            seal(&bytes)
            return bytes
        }
    }

    /// Declares a complete record stale.
    static func markStale(_ bytes: inout [UInt8]) {
        bytes.withUnsafeMutableBytes { bytes in
            let flags: UInt32 = UnsafeRawBufferPointer(bytes).load(4)
            let marked = ObjectFlags(rawValue: flags).union(.softPurged).rawValue
            bytes.storeBytes(of: marked.littleEndian, toByteOffset: 4, as: UInt32.self)
        }
        seal(&bytes)
    }

    /// Writes the checksum into a complete record.
    static func seal(_ bytes: inout [UInt8]) {
        let sum = bytes.withUnsafeBytes { checksum($0) }
        bytes.withUnsafeMutableBytes { $0.storeBytes(of: sum.littleEndian, toByteOffset: crcOffset, as: UInt32.self) }
    }
}

/// The surrogate keys of a record: per tag its hash (low, high), its length as 16 bits, its bytes.
enum TagList {
    static func encode(_ tags: [[UInt8]], _ hasher: SipHash128) -> [UInt8] {
        var bytes: [UInt8] = []
        for tag in tags {
            let hash = hasher.hash(tag)
            bytes.append(littleEndian: hash.low)
            bytes.append(littleEndian: hash.high)
            bytes.append(littleEndian: UInt16(tag.count))
            bytes.append(contentsOf: tag)
        }
        return bytes
    }

    /// Visits each tag until `body` returns false; stops at bytes that are no tag.
    static func forEach(_ bytes: UnsafeRawBufferPointer, _ body: (Hash128, UnsafeRawBufferPointer) -> Bool) {
        var offset = 0
        while bytes.count - offset >= 18 {
            let hash = Hash128(high: bytes.load(offset + 8), low: bytes.load(offset))
            let count = Int(bytes.load(offset + 16) as UInt16)
            offset += 18
            guard count <= bytes.count - offset else { return }
            guard body(hash, UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count])) else { return }
            offset += count
        }
    }

    static func decode(_ bytes: UnsafeRawBufferPointer) -> [[UInt8]] {
        var tags: [[UInt8]] = []
        forEach(bytes) { _, tag in
            tags.append([UInt8](tag))
            return true
        }
        return tags
    }
}

/// The two parts of a cache key: the URL, and behind the first NUL byte what tells its variants apart.
enum CacheKey {
    static func url(of key: [UInt8]) -> [UInt8] {
        guard let end = key.firstIndex(of: 0) else { return key }
        return [UInt8](key[..<end])
    }
}

extension UnsafeRawBufferPointer {
    /// The little-endian integer at `offset`, which the caller has checked to be inside.
    func load<T: FixedWidthInteger & BitwiseCopyable>(_ offset: Int) -> T {
        T(littleEndian: loadUnaligned(fromByteOffset: offset, as: T.self))
    }
}

extension [UInt8] {
    mutating func append<T: FixedWidthInteger>(littleEndian value: T) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }

    mutating func append<T: FixedWidthInteger>(bigEndian value: T) {
        Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
    }
}
