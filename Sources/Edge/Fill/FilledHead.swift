import AccessLog
import HTTPClient

/// The head of an origin's response in the form clients get it, whether it is stored or only passes by.
struct FilledHead: Sendable, Equatable {
    var status = 200
    /// End-to-end fields, each line ready for the wire.
    var fields: [UInt8] = []
    /// What caches towards the origin said (`Cache-Status`), as lines ready for the wire; of this one request, so not
    /// stored.
    var upstreamStatus: [UInt8] = []
    /// As the origin sent it, quotes included; empty when there is none.
    var etag: [UInt8] = []
    /// Epoch seconds.
    var lastModified: Int64?
    /// Epoch seconds at which the response was new: now less its age.
    var bornAt: Int64 = 0
    /// Epoch seconds.
    var freshUntil: Int64 = 0
    /// Set when the response turns out to vary by more than was known: who waits must look whether it is theirs.
    var selection: VariantSelection?
    /// Bytes of the body, when announced.
    var length: Int?
    /// If this is a slice, what it is a slice of.
    var slice: SliceVersion?
    /// Whether the response enters the store when it is complete.
    var isStored = false
}

/// Why a fill brought no response.
struct FillFailure: Sendable, Equatable {
    /// 502, 503 or 504.
    var status: Int
    /// For the client: names what failed, nothing of the inside.
    var reason: String
    /// For the access log.
    var cause = DetailedResultType.none

    static let unreachable = FillFailure(
        status: 502, reason: "The origin could not be reached.", cause: .originConnectError)
    static let brokeOff = FillFailure(
        status: 502, reason: "The origin broke off its response.", cause: .originReadError)
    static let malformed = FillFailure(
        status: 502, reason: "The origin's response was malformed.", cause: .originInvalidResponseError)
    static let overloaded = FillFailure(status: 503, reason: "Too many requests wait for the origin.")
    static let tooSlow = FillFailure(status: 504, reason: "The origin did not answer in time.", cause: .originCommError)
}

extension FillFailure {
    /// What a client is told of an origin request that failed.
    init(_ error: ClientError) {
        switch error.kind {
        case .connectTimeout, .responseTimeout, .idleTimeout, .queueTimeout: self = .tooSlow
        case .overloaded: self = .overloaded
        case .malformedResponse: self = .malformed
        case .truncated, .closedBeforeResponse: self = .brokeOff
        default: self = .unreachable
        }
        if error.kind == .resolution { cause = .originDnsError }
        if error.kind == .connectTimeout { cause = .originConnectError }
        if error.kind == .tooLarge { cause = .originHeaderTooBigError }
        if error.kind == .requestBody { cause = .originWriteError }
    }
}
