import Bytes
import HTTPServer
import HTTPWire

/// What a client asks of a representation beyond "give it to me": its conditions and its range (RFC 9110 §13, §14).
///
/// A view of the request's head, valid until control returns to the loop. Lists may be spread over several lines; of a
/// field with one value, a second line makes the field invalid.
struct ConditionalRequest {
    private let fields: [HeadField]
    private let bytes: UnsafeRawBufferPointer
    private let maximumRanges: Int
    private var ifMatch = Lines.none
    private var ifNoneMatch = Lines.none
    private var ifModifiedSince = Lines.none
    private var ifUnmodifiedSince = Lines.none
    private var range = Lines.none
    private var ifRange = Lines.none

    private enum Lines {
        case none
        case one(ByteSlice)
        case several

        mutating func add(_ value: ByteSlice) {
            if case .none = self { self = .one(value) } else { self = .several }
        }
    }

    init(_ exchange: Exchange, maximumRanges: Int = ByteRangeRequest.maximumRanges) {
        self.init(
            exchange.head.fields, in: exchange.headBytes, method: exchange.head.method, maximumRanges: maximumRanges)
    }

    init(
        _ fields: [HeadField], in bytes: UnsafeRawBufferPointer, method: HTTPMethod,
        maximumRanges: Int = ByteRangeRequest.maximumRanges
    ) {
        self.fields = fields
        self.bytes = bytes
        self.maximumRanges = maximumRanges
        for field in fields {
            switch field.known {
            case .range where method == .get: range.add(field.value)
            case .ifMatch: ifMatch.add(field.value)
            case .ifRange: ifRange.add(field.value)
            case .ifNoneMatch: ifNoneMatch.add(field.value)
            case .ifModifiedSince: ifModifiedSince.add(field.value)
            case .ifUnmodifiedSince: ifUnmodifiedSince.add(field.value)
            default: break
            }
        }
    }

    /// Whether the length of the representation must be known to answer.
    var hasRange: Bool {
        if case .one = range { return true }
        return false
    }

    /// Decides what to send, in the order of RFC 9110 §13.2.2. Conditions are about a 2xx response, ranges about a 200;
    /// anything else goes out whole.
    func plan(for representation: borrowing Representation) -> ResponsePlan {
        guard 200..<300 ~= representation.status else { return .whole }
        if isLost(representation) { return .preconditionFailed }
        if isUnchanged(representation) { return .notModified }
        guard representation.status == 200, case .one(let value) = range, let length = representation.length,
            rangeApplies(to: representation)
        else { return .whole }
        switch ByteRangeRequest.resolve(value.bytes(in: bytes), length: length, maximumRanges: maximumRanges) {
        case .whole: return .whole
        case .single(let part): return .part(part.start..<part.end)
        case .several(let ranges):
            let type = FieldBlock.value(of: "content-type", in: representation.fields)
            return MultipartRanges(
                ranges, completeLength: length, contentType: type ?? .init(start: nil, count: 0),
                seed: (.random(in: 0 ... .max), .random(in: 0 ... .max))
            ).map(ResponsePlan.parts) ?? .whole
        case .unsatisfiable: return .unsatisfiable
        }
    }

    /// `If-Match` decides alone when it is there; a date only where there is one to compare with.
    private func isLost(_ representation: borrowing Representation) -> Bool {
        if case .none = ifMatch {
            guard let since = date(ifUnmodifiedSince), let modified = representation.lastModified else { return false }
            return modified > since
        }
        return !names(ifMatch, .ifMatch, representation.etag, strongly: true)
    }

    /// `If-None-Match` decides alone when it is there. What has no date of change is as old as its response
    /// (RFC 9111 §4.3.2).
    private func isUnchanged(_ representation: borrowing Representation) -> Bool {
        if case .none = ifNoneMatch {
            guard let since = date(ifModifiedSince) else { return false }
            return representation.lastModified ?? representation.bornAt <= since
        }
        return names(ifNoneMatch, .ifNoneMatch, representation.etag, strongly: false)
    }

    /// `If-Range` lets the range count only for the very bytes the client has a part of (RFC 9110 §13.1.5). A date is
    /// proof only if the representation could not have changed once more within it.
    private func rangeApplies(to representation: borrowing Representation) -> Bool {
        switch ifRange {
        case .none: return true
        case .several: return false
        case .one(let value):
            if EntityTag.match(value.bytes(in: bytes), representation.etag, strongly: true) { return true }
            guard let date = date(ifRange) else { return false }
            return representation.lastModified == date && date < representation.bornAt
        }
    }

    private func date(_ lines: Lines) -> Int64? {
        guard case .one(let value) = lines else { return nil }
        return HTTPDate.parse(value.bytes(in: bytes))
    }

    private func names(
        _ lines: Lines, _ name: KnownField, _ etag: UnsafeRawBufferPointer, strongly: Bool
    ) -> Bool {
        switch lines {
        case .none: false
        case .one(let value): EntityTag.list(value.bytes(in: bytes), names: etag, strongly: strongly)
        case .several:
            fields.contains { field in
                field.known == name
                    && EntityTag.list(field.value.bytes(in: bytes), names: etag, strongly: strongly)
            }
        }
    }
}

/// What conditions and ranges are held against, wherever the bytes are.
struct Representation: ~Copyable {
    let status: Int
    /// As the origin sent it; empty when there is none.
    let etag: UnsafeRawBufferPointer
    /// Epoch seconds.
    let lastModified: Int64?
    /// Epoch seconds at which the response was new.
    let bornAt: Int64
    /// `nil` while it is not known.
    let length: Int?
    /// The fields as lines ready for the wire.
    let fields: UnsafeRawBufferPointer
}

extension FilledHead {
    func withRepresentation(length: Int?, _ body: (borrowing Representation) -> ResponsePlan) -> ResponsePlan {
        etag.withUnsafeBytes { etag in
            fields.withUnsafeBytes { fields in
                body(
                    Representation(
                        status: status, etag: etag, lastModified: lastModified, bornAt: bornAt, length: length,
                        fields: fields))
            }
        }
    }
}
