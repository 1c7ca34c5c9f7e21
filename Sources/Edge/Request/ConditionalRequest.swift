import HTTPServer
import HTTPWire

/// What a client asks of a representation beyond "give it to me": its conditions and its range (RFC 9110 §13, §14).
///
/// A view of the request's head, valid until control returns to the loop.
struct ConditionalRequest {
    private let ifNoneMatch: UnsafeRawBufferPointer?
    private let ifModifiedSince: UnsafeRawBufferPointer?
    private let range: UnsafeRawBufferPointer?
    private let ifRange: UnsafeRawBufferPointer?

    init(_ exchange: Exchange) {
        self.init(
            ifNoneMatch: exchange.field("if-none-match"), ifModifiedSince: exchange.field("if-modified-since"),
            range: exchange.head.method == .get ? exchange.field("range") : nil, ifRange: exchange.field("if-range"))
    }

    init(
        ifNoneMatch: UnsafeRawBufferPointer? = nil, ifModifiedSince: UnsafeRawBufferPointer? = nil,
        range: UnsafeRawBufferPointer? = nil, ifRange: UnsafeRawBufferPointer? = nil
    ) {
        self.ifNoneMatch = ifNoneMatch
        self.ifModifiedSince = ifModifiedSince
        self.range = range
        self.ifRange = ifRange
    }

    var hasRange: Bool { range != nil }

    /// Decides what to send. Only a 200 is a representation; any other status goes out whole.
    func plan(for representation: borrowing Representation) -> ResponsePlan {
        guard representation.status == 200 else { return .whole }
        if isUnchanged(representation) { return .notModified }
        guard let range, let length = representation.length, rangeApplies(to: representation) else { return .whole }
        return switch ByteRangeRequest.resolve(range, length: length) {
        case .whole, .several: .whole
        case .single(let part): .part(part.start..<part.end)
        case .unsatisfiable: .unsatisfiable
        }
    }

    /// `If-None-Match` decides alone when it is there (RFC 9110 §13.2.2).
    private func isUnchanged(_ representation: borrowing Representation) -> Bool {
        if let ifNoneMatch {
            if ifNoneMatch.elementsEqual([UInt8(ascii: "*")]) { return true }
            return EntityTag(fieldValue: representation.etag)?.isListed(in: ifNoneMatch, strongly: false) ?? false
        }
        guard let ifModifiedSince, let modified = representation.lastModified,
            let since = HTTPDate.parse(ifModifiedSince)
        else { return false }
        return modified <= since
    }

    /// `If-Range` lets the range count only for the very bytes the client has a part of (RFC 9110 §13.1.5).
    private func rangeApplies(to representation: borrowing Representation) -> Bool {
        guard let ifRange else { return true }
        if let tag = EntityTag(fieldValue: ifRange) {
            return EntityTag(fieldValue: representation.etag)?.matchesStrongly(tag) ?? false
        }
        guard let date = HTTPDate.parse(ifRange) else { return false }
        return representation.lastModified == date
    }
}

/// What conditions and ranges are held against, wherever the bytes are.
struct Representation: ~Copyable {
    let status: Int
    /// As the origin sent it; empty when there is none.
    let etag: UnsafeRawBufferPointer
    /// Epoch seconds.
    let lastModified: Int64?
    /// `nil` while it is not known.
    let length: Int?
}

/// What a response sends.
enum ResponsePlan: Equatable {
    case whole
    case part(Range<Int>)
    case notModified
    case unsatisfiable
}

extension FilledHead {
    func withRepresentation(length: Int?, _ body: (borrowing Representation) -> ResponsePlan) -> ResponsePlan {
        etag.withUnsafeBytes { etag in
            body(Representation(status: status, etag: etag, lastModified: lastModified, length: length))
        }
    }
}
