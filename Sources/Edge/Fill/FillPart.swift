import HTTPServer
import SegmentStore

/// Produces a range of a fill's object as it arrives. Whoever waits for the fill asks again when it changes.
final class FillPart: BodySource {
    private let fill: Fill
    private var position: Int
    private let end: Int?
    private let reader: StoreReader

    /// - Parameter end: `nil` for the end of the object, wherever that is.
    init(of fill: Fill, from start: Int, upTo end: Int?, reader: StoreReader) {
        self.fill = fill
        position = start
        self.end = end
        self.reader = reader
    }

    func produceOnLoop(into writer: borrowing BodyWriter) -> Production {
        switch fill.produceOnLoop(from: &position, upTo: end, reader: reader, into: writer) {
        case .more: .more
        case .wait: .wait
        case .finished: .finished
        case .broken, .lost: .failed
        }
    }

    func cancelledOnLoop() {}
}
