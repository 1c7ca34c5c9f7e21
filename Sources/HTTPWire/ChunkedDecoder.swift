public import Bytes

/// Takes the chunked coding off a body (RFC 9112 §7.1), byte by byte state, so pieces may be cut anywhere.
///
/// Strict where lenience has let two servers disagree: CR LF and nothing else ends a line, sizes are one to sixteen
/// hexadecimal digits with nothing before them and only `;` after them. Extensions are dropped and limited to 1,024
/// bytes per chunk and 65,536 per body; trailers are checked, limited by `Trailers`, and dropped unless they are to be
/// kept.
public struct ChunkedDecoder: Sendable {
    /// What a call found at the front of its bytes.
    public enum Step: Sendable, Equatable {
        /// All bytes were taken without yielding data; call again when more arrive.
        case needMore
        /// The bytes of `range` are data; call again from `consumed` on.
        case data(Range<Int>, consumed: Int)
        /// The body is over; what follows `consumed` is the next message.
        case finished(consumed: Int)
        /// The peer broke a rule: close the connection.
        case refused(HTTPViolation)
    }

    private enum State: Equatable {
        case sizeStart
        case size(digits: Int)
        case extensions(count: Int)
        case sizeFeed
        case data
        case dataReturn
        case dataFeed
        case trailerStart
        case trailerName
        case trailerValue
        case trailerFeed
        case endFeed
        case finished
        case refused
    }

    private var state = State.sizeStart
    private var remaining = 0
    private var extensionBytes = 0
    private var trailerBytes = 0
    private var trailerFields = 0
    private let keepsTrailers: Bool

    /// The lines after the last chunk as they came, without the empty one; empty unless they are kept.
    public private(set) var trailerSection: [UInt8] = []

    /// A decoder at the start of a body.
    public init(keepsTrailers: Bool = false) {
        self.keepsTrailers = keepsTrailers
    }

    /// Whether the body is over.
    public var isFinished: Bool { state == .finished }

    /// Decodes up to the end of the next run of data, or of the body, or of the bytes.
    ///
    /// After `.finished` and `.refused` it repeats itself.
    public mutating func next(_ bytes: UnsafeRawBufferPointer) -> Step {
        var index = 0
        while true {
            switch state {
            case .finished: return .finished(consumed: index)
            case .refused: return .refused(.malformedChunk)
            case .data where index < bytes.count:
                let count = min(remaining, bytes.count - index)
                remaining -= count
                if remaining == 0 { state = .dataReturn }
                return .data(index..<index + count, consumed: index + count)
            default:
                guard index < bytes.count else { return .needMore }
                state = following(bytes[index])
                index += 1
            }
        }
    }

    private mutating func following(_ byte: UInt8) -> State {
        switch state {
        case .sizeStart: return takeDigit(byte, digits: 0)
        case .size(let digits):
            if byte == 0x0d { return .sizeFeed }
            if byte == UInt8(ascii: ";") { return .extensions(count: 0) }
            return takeDigit(byte, digits: digits)
        case .extensions(let count):
            if byte == 0x0d { return .sizeFeed }
            extensionBytes += 1
            let isAllowed = count < 1_024 && extensionBytes <= 65_536 && HTTPToken.isFieldContent(byte)
            return isAllowed ? .extensions(count: count + 1) : .refused
        case .sizeFeed:
            if byte != 0x0a { return .refused }
            return remaining == 0 ? .trailerStart : .data
        case .dataReturn: return byte == 0x0d ? .dataFeed : .refused
        case .dataFeed: return byte == 0x0a ? .sizeStart : .refused
        case .endFeed: return byte == 0x0a ? .finished : .refused
        case .trailerStart, .trailerName, .trailerValue, .trailerFeed: return followingInTrailer(byte)
        case .data, .finished, .refused: return state
        }
    }

    private mutating func takeDigit(_ byte: UInt8, digits: Int) -> State {
        guard digits < 16, let value = Hex.value(of: byte) else { return .refused }
        if digits == 0 { remaining = 0 }
        guard remaining <= Int.max >> 4 else { return .refused }
        remaining = remaining << 4 | Int(value)
        return .size(digits: digits + 1)
    }

    private mutating func followingInTrailer(_ byte: UInt8) -> State {
        trailerBytes += 1
        if trailerBytes > Trailers.maximumBytes { return .refused }
        if state == .trailerStart, byte == 0x0d { return .endFeed }
        if keepsTrailers { trailerSection.append(byte) }
        switch state {
        case .trailerStart:
            trailerFields += 1
            return HTTPToken.contains(byte) && trailerFields <= Trailers.maximumFields ? .trailerName : .refused
        case .trailerName:
            if byte == UInt8(ascii: ":") { return .trailerValue }
            return HTTPToken.contains(byte) ? .trailerName : .refused
        case .trailerValue:
            if byte == 0x0d { return .trailerFeed }
            return HTTPToken.isFieldContent(byte) ? .trailerValue : .refused
        default: return byte == 0x0a ? .trailerStart : .refused
        }
    }
}

/// Puts the chunked coding on a body.
public enum ChunkedEncoding {
    /// Writes what goes before a chunk of `byteCount` bytes.
    ///
    /// An empty chunk would end the body, so it traps.
    public static func writeStart(ofChunk byteCount: Int, into buffer: inout GrowableBuffer) {
        precondition(byteCount > 0, "a chunk without bytes ends the body")
        buffer.append(hexadecimal: UInt64(byteCount))
        buffer.append("\r\n")
    }

    /// What goes after the bytes of a chunk.
    public static let chunkEnd: StaticString = "\r\n"

    /// What goes after the last chunk when trailers follow it; they end with an empty line.
    public static let lastChunk: StaticString = "0\r\n"

    /// What goes after the last chunk when no trailers follow it.
    public static let bodyEnd: StaticString = "0\r\n\r\n"
}
