/// Finds the bytes of one body in what arrives, however it is framed.
public enum BodyDecoder: Sendable {
    /// No body, or none left.
    case none
    /// So many bytes are left, at least one.
    case length(Int)
    /// The rest is chunked.
    case chunked(ChunkedDecoder)
    /// Everything until the connection ends; responses only.
    case untilClose

    /// What the front of the bytes at hand is.
    public enum Piece: Sendable, Equatable {
        /// `range` is body, possibly empty; `consumed` bytes are used up; `isLast` when the body ends there.
        case data(range: Range<Int>, consumed: Int, isLast: Bool)
        /// The coding is malformed.
        case malformed
    }

    /// A decoder at the start of a request's body.
    public init(_ framing: BodyFraming) {
        switch framing {
        case .none: self = .none
        case .length(let length): self = .length(length)
        case .chunked: self = .chunked(ChunkedDecoder())
        }
    }

    /// A decoder at the start of a response's body; it keeps trailers.
    public init(_ framing: ResponseFraming) {
        switch framing {
        case .none: self = .none
        case .length(let length): self = .length(length)
        case .chunked: self = .chunked(ChunkedDecoder(keepsTrailers: true))
        case .untilClose: self = .untilClose
        }
    }

    /// The trailers of a body that is over, without those that may not stand there; nil without any.
    public var trailers: Headers? {
        guard case .chunked(let decoder) = self, !decoder.trailerSection.isEmpty else { return nil }
        let fields = Trailers.fields(ofSection: decoder.trailerSection)
        return fields.isEmpty ? nil : fields
    }

    /// Takes the next piece from `bytes`, which are not empty.
    public mutating func next(in bytes: UnsafeRawBufferPointer) -> Piece {
        switch self {
        case .none:
            return .data(range: 0..<0, consumed: 0, isLast: true)
        case .untilClose:
            return .data(range: 0..<bytes.count, consumed: bytes.count, isLast: false)
        case .length(let left):
            let count = min(left, bytes.count)
            self = left == count ? .none : .length(left - count)
            return .data(range: 0..<count, consumed: count, isLast: left == count)
        case .chunked(var decoder):
            // Held by one, so that a kept byte does not copy those before it.
            self = .none
            defer { self = .chunked(decoder) }
            switch decoder.next(bytes) {
            case .needMore: return .data(range: 0..<0, consumed: bytes.count, isLast: false)
            case .data(let range, let consumed): return .data(range: range, consumed: consumed, isLast: false)
            case .finished(let consumed): return .data(range: 0..<0, consumed: consumed, isLast: true)
            case .refused: return .malformed
            }
        }
    }
}
