import Bytes
import HTTPWire

/// A request head parsed from text, with its slices as strings.
struct ParsedRequest {
    var progress: HeadProgress
    var parser = RequestHeadParser()
    private var bytes: [UInt8]

    init(_ text: String, limits: HeadLimits = .request) {
        self.init(Array(text.utf8), limits: limits)
    }

    init(_ bytes: [UInt8], limits: HeadLimits = .request) {
        self.bytes = bytes
        progress = .needMore
        progress = bytes.withUnsafeBytes { parser.parse($0, limits: limits) }
    }

    var violation: HTTPViolation? {
        if case .refused(let violation) = progress { violation } else { nil }
    }

    func text(_ slice: ByteSlice?) -> String? {
        slice.map { slice in bytes.withUnsafeBytes { slice.string(in: $0) } }
    }

    func field(_ name: StaticString) -> String? {
        text(bytes.withUnsafeBytes { parser.field(named: name, in: $0) })
    }
}

/// What a request with these field lines, after a good `Host`, is refused for.
func violation(ofFields lines: String, method: String = "POST") -> HTTPViolation? {
    ParsedRequest("\(method) / HTTP/1.1\r\nHost: a\r\n\(lines)\r\n\r\n").violation
}

/// What a request with this first line is refused for.
func violation(ofLine line: String) -> HTTPViolation? {
    ParsedRequest("\(line)\r\nHost: a\r\n\r\n").violation
}
