import Bytes
import CacheRules
import Compression
import EventLoop
import SegmentStore

/// Compresses stored text once per coding, behind the requests: a client that comes before it is done gets the identity.
///
/// One thread, so that text never costs more than one processor; when too much waits, the newest is left as it is.
final class CompressionQueue: Sendable {
    private let pool: BlockingPool
    private let store: SegmentStore
    private let metrics: EdgeMetrics
    private let log: EdgeLog

    /// Objects that may wait.
    private static let limit = 256

    init(store: SegmentStore, metrics: EdgeMetrics, log: EdgeLog) throws(SystemError) {
        self.store = store
        self.metrics = metrics
        self.log = log
        pool = try BlockingPool(name: "edge-compress", threads: 1, queueLimit: Self.limit)
    }

    /// Blocks until what runs is done; not for a loop's thread.
    func shutdown() { pool.shutdown() }

    /// Has the object stored under `key` compressed.
    func add(_ key: [UInt8], codings: CachePolicy.Codings) {
        let isQueued = pool.submit { [self] in
            do {
                try compress(key, codings)
            } catch {
                log.notCompressed(key: key, reason: "\(error)")
            }
        }
        if !isQueued { log.notCompressed(key: key, reason: "too many objects wait") }
    }

    private func compress(_ key: [UInt8], _ codings: CachePolicy.Codings) throws(StoreError) {
        let reader = try store.makeReader()
        guard let object = reader.lookup(key: key), object.flags.contains(.compressible),
            CompressibleText.bytes.contains(object.length)
        else { return }
        let identity = ExpiredObject(object, reader: reader).metadata
        for coding in AcceptEncoding.Coding.allCases where codings.contains(coding) {
            guard let body = body(of: object, reader, coding), body.count < object.length else {
                log.notCompressed(key: key, reason: "\(coding.name) gains nothing or failed")
                continue
            }
            var metadata = identity
            metadata.flags.remove(.compressible)
            metadata.etag = CompressibleText.etag(identity.etag, coding: coding)
            metadata.head = CompressibleText.head(identity.head, etag: metadata.etag, coding: coding)
            let writer = store.beginObject(
                key: CodedKey.key(coding, of: object, key: key), fence: object.fence, expectedLength: body.count)
            body.withUnsafeBytes { _ = writer.append($0) }
            let (before, after) = (object.length, body.count)
            writer.finish(metadata) { [metrics, log] outcome in
                if case .stored = outcome { return metrics.compressed(coding, from: before, to: after) }
                log.notStored(key: key, outcome: outcome)
            }
        }
    }

    /// Nil when the object went away meanwhile or the library failed.
    private func body(of object: StoredObject, _ reader: StoreReader, _ coding: AcceptEncoding.Coding) -> [UInt8]? {
        switch coding {
        case .brotli:
            guard let compressor = BrotliCompressor() else { return nil }
            return body(of: object, reader, compressor)
        case .gzip:
            guard let compressor = GzipCompressor() else { return nil }
            return body(of: object, reader, compressor)
        }
    }

    private func body(
        of object: StoredObject, _ reader: StoreReader, _ compressor: consuming some Compressor & ~Copyable
    ) -> [UInt8]? {
        var output = GrowableBuffer()
        var piece = GrowableBuffer()
        for index in 0..<object.chunkCount {
            // Copied first: while a chunk is lent, the store cannot reuse what is evicted.
            let isThere: Void? = reader.withChunk(of: object, index: index) { chunk in
                piece.removeAll()
                piece.append(chunk)
            }
            guard isThere != nil, compressor.append(piece.readable, to: &output) else { return nil }
        }
        return compressor.finish(to: &output) ? output.bytes : nil
    }
}

extension CachePolicy.Codings {
    var isEmpty: Bool { !gzip && !brotli }

    func contains(_ coding: AcceptEncoding.Coding) -> Bool {
        switch coding {
        case .brotli: brotli
        case .gzip: gzip
        }
    }
}
