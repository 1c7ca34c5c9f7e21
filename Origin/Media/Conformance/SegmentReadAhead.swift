import Playlist

/// Fetches the segments of one playlist, the next ones while one is measured, and hands them over in their order.
struct SegmentReadAhead {
    /// Segments that are on their way, or in memory, at a time.
    static let most = 4

    /// What there is of a segment.
    enum Step: Sendable {
        case gap
        /// The list does not say which bytes of its resource it is.
        case unknownRange
        case answer(Result<Resource, ResourceFailure>)
    }

    /// An answer to the request for a segment, by its place in the list.
    typealias Arrival = (index: Int, answer: Result<Resource, ResourceFailure>)

    private let segments: ArraySlice<MediaPlaylist.Segment>
    private let base: String
    private let fetch: ConformanceCheck.Fetch
    private var places = SegmentPlaces()
    /// Known of segments that are not handed over yet.
    private var steps: [Int: Step] = [:]
    private var asked = 0
    private var handedOver = 0

    init(_ segments: ArraySlice<MediaPlaylist.Segment>, base: String, fetch: @escaping ConformanceCheck.Fetch) {
        self.segments = segments
        self.base = base
        self.fetch = fetch
    }

    /// The next segment; call it once for each.
    mutating func next(_ group: inout TaskGroup<Arrival>) async -> Step {
        while asked < segments.count, asked < handedOver + Self.most { ask(for: asked, &group) }
        while steps[handedOver] == nil, let arrival = await group.next() {
            steps[arrival.index] = .answer(arrival.answer)
        }
        let step = steps.removeValue(forKey: handedOver) ?? .gap
        handedOver += 1
        return step
    }

    private mutating func ask(for index: Int, _ group: inout TaskGroup<Arrival>) {
        asked += 1
        let segment = segments[segments.startIndex + index]
        let part = places.part(of: segment)
        if case .unknown = part {
            steps[index] = .unknownRange
        } else if segment.isGap {
            steps[index] = .gap
        } else {
            let address = ResourceAddress.resolve(segment.uri, against: base)
            var request = ResourceRequest(address: address, kind: .segment)
            if case .bytes(let range) = part { request.range = range }
            group.addTask { [fetch, request] in (index, await fetch(request)) }
        }
    }
}

/// What of its resource each segment of a list is; they are asked for in their order.
struct SegmentPlaces {
    private var next: (uri: String, offset: Int)?

    enum Part {
        case whole
        case bytes(Range<Int>)
        /// The list does not say.
        case unknown
    }

    mutating func part(of segment: MediaPlaylist.Segment) -> Part {
        guard let range = segment.byteRange else {
            next = nil
            return .whole
        }
        guard let offset = range.offset ?? (next?.uri == segment.uri ? next?.offset : nil) else { return .unknown }
        let end = offset.addingReportingOverflow(range.length)
        guard !end.overflow else { return .unknown }
        next = (segment.uri, end.partialValue)
        return .bytes(offset..<end.partialValue)
    }
}
