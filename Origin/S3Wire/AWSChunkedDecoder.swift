internal import Bytes

/// Takes the aws-chunked framing off a body.
///
/// `<hex size>[;chunk-signature=<64 hex>]\r\n<bytes>\r\n … 0[;chunk-signature=…]\r\n[<name>:<value>\r\n …]\r\n`. Strict: only
/// CR LF ends a line, a size is 1 to 15 hexadecimal digits, signatures are there exactly when the framing has them, trailers
/// are at most 8 of 256 bytes. Whether a signature is right is for the caller.
public struct AWSChunkedDecoder: Sendable {
    /// What `x-amz-content-sha256` announces of the body.
    public enum Framing: String, Sendable, CaseIterable {
        /// Nothing is signed; a checksum follows.
        case unsignedWithTrailer = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
        /// Every chunk is signed.
        case signed = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
        /// Every chunk is signed, and the trailers as well.
        case signedWithTrailer = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"

        /// Whether chunks carry signatures.
        public var isSigned: Bool { self != .unsignedWithTrailer }
        /// Whether fields follow the last chunk.
        public var hasTrailer: Bool { self != .signed }
    }

    /// What was found in the bytes, in their order.
    public enum Event: Sendable, Equatable {
        /// Bytes of the object.
        case data(ArraySlice<UInt8>)
        /// The bytes since the last signature are a chunk, and this is its signature; the last chunk has none.
        case chunk(signature: String)
        /// The signature of all trailers, and the text it is of.
        case trailers(signature: String, text: String)
    }

    /// The bytes are not framed as announced.
    public struct Malformed: Error, Equatable {
        init() {}
    }

    private enum State: Equatable {
        case size
        case data
        case dataEnd
        case trailer
        case finished
    }

    /// The trailers so far, names in lower case; without the signature.
    public private(set) var trailers: [(name: String, value: String)] = []

    private let framing: Framing
    private var state = State.size
    private var line: [UInt8] = []
    private var remaining = 0
    private var signature = ""
    private var trailerSignature: String?

    private static let maximumLine = 256
    private static let maximumTrailers = 8
    private static let chunkSignature = Array("chunk-signature=".utf8)
    private static let trailerSignatureName = "x-amz-trailer-signature"

    /// A decoder at the beginning of a body.
    public init(_ framing: Framing) { self.framing = framing }

    /// Whether the end has been read.
    public var isFinished: Bool { state == .finished }

    /// Takes all of `bytes`; bytes after the end are refused.
    public mutating func decode(_ bytes: [UInt8]) throws(Malformed) -> [Event] {
        var events: [Event] = []
        var index = 0
        while index < bytes.count {
            switch state {
            case .data:
                let count = min(remaining, bytes.count - index)
                events.append(.data(bytes[index..<index + count]))
                index += count
                remaining -= count
                if remaining == 0 { state = .dataEnd }
            case .finished:
                throw Malformed()
            case .size, .dataEnd, .trailer:
                line.append(bytes[index])
                index += 1
                if line.last == 0x0a { try endLine(&events) }
                if line.count > AWSChunkedDecoder.maximumLine { throw Malformed() }
            }
        }
        return events
    }

    private mutating func endLine(_ events: inout [Event]) throws(Malformed) {
        guard line.count >= 2, line[line.count - 2] == 0x0d else { throw Malformed() }
        let content = line.dropLast(2)
        defer { line = [] }
        switch state {
        case .size: try readSize(content, &events)
        case .dataEnd:
            guard content.isEmpty else { throw Malformed() }
            if framing.isSigned { events.append(.chunk(signature: signature)) }
            state = .size
        case .trailer where content.isEmpty: try finish(&events)
        case .trailer: try readTrailer(content)
        case .data, .finished: break
        }
    }

    private mutating func readSize(_ content: ArraySlice<UInt8>, _ events: inout [Event]) throws(Malformed) {
        let parts = content.split(
            separator: UInt8(ascii: ";"), maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == (framing.isSigned ? 2 : 1), (1...15).contains(parts[0].count) else { throw Malformed() }
        remaining = 0
        for digit in parts[0] {
            guard let value = Hex.value(of: digit) else { throw Malformed() }
            remaining = remaining << 4 | Int(value)
        }
        if framing.isSigned {
            guard parts[1].starts(with: AWSChunkedDecoder.chunkSignature) else { throw Malformed() }
            signature = try readSignature(parts[1].dropFirst(AWSChunkedDecoder.chunkSignature.count))
        }
        state = remaining == 0 ? .trailer : .data
        if remaining == 0, framing.isSigned { events.append(.chunk(signature: signature)) }
    }

    private mutating func readTrailer(_ content: ArraySlice<UInt8>) throws(Malformed) {
        guard framing.hasTrailer, trailers.count < AWSChunkedDecoder.maximumTrailers, trailerSignature == nil,
            let colon = content.firstIndex(of: UInt8(ascii: ":")), colon > content.startIndex
        else { throw Malformed() }
        let name = ASCII.lowercased(String(decoding: content[..<colon], as: UTF8.self))
        let value = ASCII.trimmed(String(decoding: content[(colon + 1)...], as: UTF8.self))
        if framing.isSigned, name == AWSChunkedDecoder.trailerSignatureName {
            trailerSignature = try readSignature(ArraySlice(value.utf8))
            return
        }
        guard !trailers.contains(where: { $0.name == name }) else { throw Malformed() }
        trailers.append((name, value))
    }

    private mutating func finish(_ events: inout [Event]) throws(Malformed) {
        state = .finished
        guard framing == .signedWithTrailer else { return }
        guard let trailerSignature else { throw Malformed() }
        let text = trailers.map { "\($0.name):\($0.value)\n" }.joined()
        events.append(.trailers(signature: trailerSignature, text: text))
    }

    private func readSignature(_ digits: ArraySlice<UInt8>) throws(Malformed) -> String {
        guard digits.count == 64, digits.allSatisfy({ Hex.value(of: $0) != nil }) else { throw Malformed() }
        return String(decoding: digits, as: UTF8.self)
    }
}
