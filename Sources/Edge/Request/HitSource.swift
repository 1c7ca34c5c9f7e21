import HTTPServer
import SegmentStore

/// Sends a range of a stored object straight from the map, at the pace of the socket.
///
/// No snapshot outlives a call: at every turn the chunk is looked up again by the object's number, so a slow client pins
/// nothing, and an object that is gone meanwhile ends the response short instead of mixing two objects.
final class HitSource: BodySource {
    private let reader: StoreReader
    private var object: StoredObject
    private var position: Int
    private var end: Int

    init(reader: StoreReader, object: StoredObject, range: Range<Int>) {
        self.reader = reader
        self.object = object
        position = range.lowerBound
        end = range.upperBound
    }

    /// Starts over with another object, for a response that begins when nobody uses the source any more.
    func begin(_ object: StoredObject, range: Range<Int>) {
        self.object = object
        position = range.lowerBound
        end = range.upperBound
    }

    func produceOnLoop(into writer: borrowing BodyWriter) -> Production {
        while position < end {
            let index = position / StoredObject.chunkBytes
            let start = position % StoredObject.chunkBytes
            let wanted = min(StoredObject.chunkBytes - start, end - position)
            let accepted = reader.withChunk(of: object, index: index) { chunk in
                writer.write(UnsafeRawBufferPointer(rebasing: chunk[start..<start + wanted]))
            }
            guard let accepted else { return .failed }
            position += accepted
            if accepted < wanted { return .more }
        }
        return .finished
    }

    func cancelledOnLoop() {
        position = end
    }
}
