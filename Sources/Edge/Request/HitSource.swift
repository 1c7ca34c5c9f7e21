import Bytes
import CacheRules
import HTTPServer
import HTTPWire
import SegmentStore

/// Sends a range of a stored object straight from the map, at the pace of the socket.
///
/// No snapshot outlives a call: at every turn the chunk is looked up again by the object's number, so a slow client pins
/// nothing. A chunk that is not in memory is read by another thread meanwhile. An object that is gone is continued with the
/// same bytes from elsewhere, the store or the origin, if its entity tag says which they are; else the response ends short.
final class HitSource: BodySource {
    private let handler: EdgeHandler
    private var route: Route
    private var object: StoredObject
    private var position: Int
    private var end: Int
    private var key = GrowableBuffer()
    private var etag = GrowableBuffer()
    private var purgeMark: UInt64
    private var isReading = false
    /// Whether the disk did not give a chunk.
    private var isUnreadable = false
    /// Has the rest of an object that is gone.
    private var rest: SliceClient?
    /// How often the object was found again without a byte in between.
    private var findings = 0

    private static let maximumFindings = 2

    /// A range of an object just looked up.
    init(_ handler: EdgeHandler, _ route: Route, _ hit: Hit, range: Range<Int>) {
        self.handler = handler
        self.route = route
        object = hit.object
        purgeMark = hit.purgeMark
        position = range.lowerBound
        end = range.upperBound
        key.append(hit.key)
        etag.append(hit.etag)
    }

    /// Starts over with another object, for a response that begins when nobody uses the source any more.
    func begin(_ route: Route, _ hit: Hit, range: Range<Int>) {
        self.route = route
        object = hit.object
        purgeMark = hit.purgeMark
        position = range.lowerBound
        end = range.upperBound
        key.removeAll()
        key.append(hit.key)
        etag.removeAll()
        etag.append(hit.etag)
        isReading = false
        isUnreadable = false
        rest = nil
        findings = 0
    }

    func produceOnLoop(into writer: borrowing BodyWriter) -> Production {
        if let rest { return rest.produceOnLoop(into: writer) }
        if isReading { return .wait }
        while position < end {
            let index = position / StoredObject.chunkBytes
            let start = position % StoredObject.chunkBytes
            let wanted = min(StoredObject.chunkBytes - start, end - position)
            let loan = lend(index) { chunk in
                writer.write(UnsafeRawBufferPointer(rebasing: chunk[start..<start + wanted]))
            }
            switch loan {
            case .lent(let accepted):
                position += accepted
                if accepted > 0 { findings = 0 }
                if accepted < wanted { return .more }
            case .cold(let chunk):
                readOnLoop(chunk, writer.exchange)
                return .wait
            case .gone:
                // Who purges may know better than an entity tag which bytes belong together.
                if handler.reader.hasPurged(since: purgeMark) { return .failed }
                if findAgain() { continue }
                rest = continuation(for: writer.exchange)
                return rest?.produceOnLoop(into: writer) ?? .failed
            }
        }
        return .finished
    }

    private func lend(_ index: Int, _ body: (UnsafeRawBufferPointer) -> Int) -> ChunkLoan<Int> {
        isUnreadable ? .gone : handler.reader.withResidentChunk(of: object, index: index, body)
    }

    private func readOnLoop(_ chunk: ColdChunk, _ exchange: Exchange) {
        isReading = true
        handler.coldReads.readOnLoop(chunk) { [self] isReadable in
            isReading = false
            isUnreadable = !isReadable
            exchange.resumeResponseOnLoop()
        }
    }

    func cancelledOnLoop() {
        position = end
        rest?.cancelledOnLoop()
        rest = nil
    }

    // MARK: Gone

    /// Whether the same bytes are in the store under another number, because the object was fetched again.
    private func findAgain() -> Bool {
        findings += 1
        guard findings <= Self.maximumFindings, isStrong, let found = handler.reader.lookup(key: key.readable),
            found.id != object.id, found.length == object.length, found.status == object.status,
            handler.reader.etag(of: found).elementsEqual(etag.readable)
        else { return false }
        object = found
        isUnreadable = false
        return true
    }

    /// Fetches the rest in slices, each of which must be of the version that was being sent.
    private func continuation(for exchange: Exchange) -> SliceClient? {
        let key = key.bytes
        guard object.status == HTTPStatus.ok.code, isStrong, SliceKey.mayBeSliced(key) else { return nil }
        let client = SliceClient(exchange, route: route, key: key, reason: .uriMiss, handler: handler)
        client.continueOnLoop(SliceVersion(etag: etag.bytes, total: object.length), from: position, to: end)
        return client
    }

    private var isStrong: Bool { EntityTag(fieldValue: etag.readable).map { !$0.isWeak } ?? false }
}

/// An object and what tells its bytes from others', while the reader that found it has looked nothing else up.
struct Hit {
    let object: StoredObject
    let key: UnsafeRawBufferPointer
    let etag: UnsafeRawBufferPointer
    let purgeMark: UInt64

    init(_ object: StoredObject, reader: StoreReader) {
        self.object = object
        key = reader.storedKey(of: object)
        etag = reader.etag(of: object)
        purgeMark = reader.purgeMark
    }

    init(_ object: StoredObject, key: UnsafeRawBufferPointer, etag: UnsafeRawBufferPointer, purgeMark: UInt64) {
        self.object = object
        self.key = key
        self.etag = etag
        self.purgeMark = purgeMark
    }
}
