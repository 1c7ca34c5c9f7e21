import HTTPServer
import SegmentStore

/// Produces a range of a fill's object as it arrives. Whoever waits for the fill asks again when it changes.
final class FillPart: BodySource {
    private let fill: Fill
    private let hub: FillHub
    private var hasBegun = false
    private var position: Int
    private let end: Int?
    private let handler: EdgeHandler
    /// Finds another source for the bytes from a position on that this fill no longer has.
    private let onLost: (_ position: Int) -> (any BodySource)?
    private var rest: (any BodySource)?

    /// - Parameters:
    ///   - hub: where the client waits.
    ///   - end: `nil` for the end of the object, wherever that is.
    init(
        of fill: Fill, hub: FillHub, from start: Int, upTo end: Int?, handler: EdgeHandler,
        onLost: @escaping (_ position: Int) -> (any BodySource)?
    ) {
        self.fill = fill
        self.hub = hub
        position = start
        self.end = end
        self.handler = handler
        self.onLost = onLost
    }

    func produceOnLoop(into writer: borrowing BodyWriter) -> Production {
        if let rest { return rest.produceOnLoop(into: writer) }
        defer { hasBegun = true }
        switch fill.produceOnLoop(
            from: &position, upTo: end, isFirst: !hasBegun, hub: hub, handler: handler, into: writer)
        {
        case .more: return .more
        case .wait: return .wait
        case .finished: return .finished
        case .broken: return .failed
        case .lost:
            rest = onLost(position)
            return rest?.produceOnLoop(into: writer) ?? .failed
        }
    }

    func cancelledOnLoop() {
        rest?.cancelledOnLoop()
    }
}
