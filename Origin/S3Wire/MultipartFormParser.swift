internal import Bytes

/// Reads a form of a browser, `multipart/form-data` (RFC 7578), whose last field that counts is the file.
///
/// Keeps what comes before the file's bytes, which is bounded, and of the file as much as a boundary is long. Strict: CR LF ends
/// a line, names are given once each, and the closing boundary must be there. What stands before the first boundary, and fields
/// after the file, count for nothing.
public struct MultipartFormParser: Sendable {
    /// What was found in the bytes, in their order.
    public enum Event: Sendable, Equatable {
        /// A field before the file; its name in lower case.
        case field(name: String, value: String)
        /// The file begins; `name` is what the browser calls it, which may be any text.
        case file(name: String, contentType: String?)
        /// Bytes of the file.
        case data(ArraySlice<UInt8>)
        /// The file is whole.
        case fileEnd
    }

    /// The bytes are no such form, or one that is too large.
    public enum Failure: Error, Equatable {
        /// Not formed as it must be.
        case malformed
        /// More beside the file than a form may have.
        case tooLarge
    }

    private enum State: Equatable {
        case preamble
        case afterBoundary
        case head
        case value(name: String)
        case file
        /// A part that counts for nothing.
        case ignored
        case finished
    }

    /// Bytes of everything but the file, as S3 limits them.
    public static let maximumFieldBytes = 20_480
    private static let maximumHeadBytes = 4_096
    private static let maximumFields = 100

    /// CR LF, two dashes and the boundary: what ends a part.
    private let delimiter: [UInt8]
    private var state = State.preamble
    private var pending: [UInt8]
    private var names: Set<String> = []
    private var fieldBytes = 0
    private var hasFile = false

    /// A parser of a body with this `Content-Type`; nil when that is another type or has no boundary.
    public init?(contentType: String) {
        guard let boundary = FormHeader(contentType, of: "multipart/form-data")?.parameters["boundary"],
            (1...70).contains(boundary.utf8.count), boundary.utf8.allSatisfy({ (0x20..<0x7f).contains($0) })
        else { return nil }
        delimiter = Array("\r\n--\(boundary)".utf8)
        // The first boundary may be the first line.
        pending = [0x0d, 0x0a]
    }

    /// Whether the closing boundary has been read.
    public var isFinished: Bool { state == .finished }

    /// Takes all of `bytes`; what follows the closing boundary is left out.
    public mutating func parse(_ bytes: [UInt8]) throws(Failure) -> [Event] {
        guard state != .finished else { return [] }
        pending += bytes
        var events: [Event] = []
        while try step(&events) {}
        return events
    }

    /// Goes on by one state; false when it needs more bytes.
    private mutating func step(_ events: inout [Event]) throws(Failure) -> Bool {
        switch state {
        case .preamble, .ignored: return try skipToBoundary()
        case .afterBoundary:
            guard pending.count >= 2 else { return false }
            let isLast = pending[0] == UInt8(ascii: "-") && pending[1] == UInt8(ascii: "-")
            guard isLast || pending[0] == 0x0d && pending[1] == 0x0a else { throw .malformed }
            guard !isLast || hasFile else { throw .malformed }
            pending.removeFirst(2)
            state = isLast ? .finished : .head
            return !isLast
        case .head: return try readHead(&events)
        case .value(let name): return try readValue(name, &events)
        case .file: return readFile(&events)
        case .finished: return false
        }
    }

    private mutating func skipToBoundary() throws(Failure) -> Bool {
        guard let end = find(delimiter) else {
            let skipped = max(0, pending.count - delimiter.count + 1)
            try count(skipped)
            pending.removeFirst(skipped)
            return false
        }
        try count(end)
        pending.removeFirst(end + delimiter.count)
        state = .afterBoundary
        return true
    }

    private mutating func readHead(_ events: inout [Event]) throws(Failure) -> Bool {
        guard !pending.starts(with: [0x0d, 0x0a]) else { throw .malformed }
        guard let end = find([0x0d, 0x0a, 0x0d, 0x0a]) else {
            // Three bytes of the empty line may be here already.
            if pending.count > MultipartFormParser.maximumHeadBytes + 3 { throw .tooLarge }
            return false
        }
        guard end <= MultipartFormParser.maximumHeadBytes else { throw .tooLarge }
        let head = try FormPartHead(pending[..<end])
        pending.removeFirst(end + 4)
        try count(end)
        guard !hasFile else {
            state = .ignored
            return true
        }
        guard names.count < MultipartFormParser.maximumFields, names.insert(head.name).inserted else {
            throw .malformed
        }
        if head.name == "file" {
            hasFile = true
            events.append(.file(name: head.fileName ?? "", contentType: head.contentType))
            state = .file
        } else {
            state = .value(name: head.name)
        }
        return true
    }

    private mutating func readValue(_ name: String, _ events: inout [Event]) throws(Failure) -> Bool {
        guard let end = find(delimiter) else {
            if pending.count > MultipartFormParser.maximumFieldBytes + delimiter.count { throw .tooLarge }
            return false
        }
        try count(end)
        guard let value = String(validating: pending[..<end], as: UTF8.self) else { throw .malformed }
        events.append(.field(name: name, value: value))
        pending.removeFirst(end + delimiter.count)
        state = .afterBoundary
        return true
    }

    private mutating func readFile(_ events: inout [Event]) -> Bool {
        let end = find(delimiter)
        let count = end ?? max(0, pending.count - delimiter.count + 1)
        if count > 0 { events.append(.data(pending[..<count])) }
        guard end != nil else {
            pending = Array(pending[count...])
            return false
        }
        events.append(.fileEnd)
        pending = Array(pending[(count + delimiter.count)...])
        state = .afterBoundary
        return true
    }

    private mutating func count(_ bytes: Int) throws(Failure) {
        fieldBytes += bytes
        guard fieldBytes <= MultipartFormParser.maximumFieldBytes else { throw .tooLarge }
    }

    private func find(_ bytes: [UInt8]) -> Int? {
        pending.withUnsafeBytes { pending in bytes.withUnsafeBytes { ByteSearch.firstIndex(of: $0, in: pending) } }
    }
}
