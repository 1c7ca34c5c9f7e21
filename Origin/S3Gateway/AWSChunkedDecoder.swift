internal import Bytes

/// Takes the aws-chunked framing off a body whose integrity is a trailer (`STREAMING-UNSIGNED-PAYLOAD-TRAILER`).
///
/// `<hex size>\r\n<bytes>\r\n … 0\r\n<name>:<value>\r\n … \r\n`. Strict: only CR LF ends a line, a size is 1 to 15
/// hexadecimal digits, chunk extensions (signed chunks) are refused, trailers are at most 8 of 256 bytes.
struct AWSChunkedDecoder {
    private enum State: Equatable {
        case size
        case data
        case dataEnd
        case trailer
        case finished
    }

    private var state = State.size
    private var line: [UInt8] = []
    private var remaining = 0
    private(set) var trailers: [(name: String, value: String)] = []

    private static let maximumLine = 256
    private static let maximumTrailers = 8

    /// Whether the last trailer has been read.
    var isFinished: Bool { state == .finished }

    /// Takes all of `bytes` and returns the data among them; bytes after the end are refused.
    mutating func decode(_ bytes: [UInt8]) throws(S3Error) -> [UInt8] {
        var data: [UInt8] = []
        var index = 0
        while index < bytes.count {
            switch state {
            case .data:
                let count = min(remaining, bytes.count - index)
                data += bytes[index..<index + count]
                index += count
                remaining -= count
                if remaining == 0 { state = .dataEnd }
            case .finished:
                throw .malformedTrailer
            case .size, .dataEnd, .trailer:
                line.append(bytes[index])
                index += 1
                if line.last == 0x0a { try endLine() }
                if line.count > AWSChunkedDecoder.maximumLine { throw .malformedTrailer }
            }
        }
        return data
    }

    private mutating func endLine() throws(S3Error) {
        guard line.count >= 2, line[line.count - 2] == 0x0d else { throw .malformedTrailer }
        let content = line.dropLast(2)
        defer { line = [] }
        switch state {
        case .size:
            guard (1...15).contains(content.count) else { throw .malformedTrailer }
            var size = 0
            for digit in content {
                guard let value = Hex.value(of: digit) else { throw .malformedTrailer }
                size = size << 4 | Int(value)
            }
            remaining = size
            state = size == 0 ? .trailer : .data
        case .dataEnd:
            guard content.isEmpty else { throw .malformedTrailer }
            state = .size
        case .trailer:
            if content.isEmpty { state = .finished; return }
            guard trailers.count < AWSChunkedDecoder.maximumTrailers,
                let colon = content.firstIndex(of: UInt8(ascii: ":")), colon > content.startIndex
            else { throw .malformedTrailer }
            let name = ASCII.lowercased(String(decoding: content[..<colon], as: UTF8.self))
            let value = ASCII.trimmed(String(decoding: content[(colon + 1)...], as: UTF8.self))
            guard !trailers.contains(where: { $0.name == name }) else { throw .malformedTrailer }
            trailers.append((name, value))
        case .data, .finished:
            break
        }
    }
}
