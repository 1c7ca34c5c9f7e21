/// What the checker asks for.
public struct ResourceRequest: Sendable, Equatable {
    /// What it expects there; decides what a source is asked to say about the delivery.
    public enum Kind: Sendable {
        /// A playlist, wanted with `isCompressible` where there is a server.
        case playlist
        /// An initialisation section.
        case initialization
        /// A media segment.
        case segment
        /// A key for segments.
        case key
    }

    /// Absolute when the first address was, else relative to the same folder.
    public var address: String
    /// The part wanted; nil means all.
    public var range: Range<Int>?
    /// What it expects there.
    public var kind: Kind

    /// Asks for `range` of what stands at `address`.
    public init(address: String, range: Range<Int>? = nil, kind: Kind) {
        self.address = address
        self.range = range
        self.kind = kind
    }
}

/// What stands at an address.
public struct Resource: Sendable {
    /// How a server delivered it; files and object stores have no such thing.
    public struct Delivery: Sendable, Equatable {
        /// Content-Type.
        public var contentType: String?
        /// Whether the server sends it with `Content-Encoding: gzip` to those who accept it; nil when not asked.
        public var isCompressible: Bool?
        /// Whether redirects led to it.
        public var isRedirected: Bool
        /// Whether it came over TLS.
        public var isTLS: Bool

        /// How a server delivered a resource.
        public init(
            contentType: String? = nil, isCompressible: Bool? = nil, isRedirected: Bool = false, isTLS: Bool = true
        ) {
            self.contentType = contentType
            self.isCompressible = isCompressible
            self.isRedirected = isRedirected
            self.isTLS = isTLS
        }
    }

    /// Without any content coding.
    public var content: [UInt8]
    /// Where it came from after redirects: what its relative addresses are relative to; nil means where it was asked for.
    public var address: String?
    /// How a server delivered it; nil when there is none.
    public var delivery: Delivery?

    /// `content` as it stands at `address`.
    public init(content: [UInt8], address: String? = nil, delivery: Delivery? = nil) {
        self.content = content
        self.address = address
        self.delivery = delivery
    }
}

/// Why there is no such resource.
public enum ResourceFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// There is nothing at this address, or not for us; with the status where a server said so.
    case missing(status: Int?)
    /// More bytes than the source takes.
    case tooLarge(limit: Int)
    /// Nobody answered, or in no way that can be used.
    case unreachable(String)

    /// In words, for a report.
    public var description: String {
        switch self {
        case .missing(let status?): "the server answered \(status)"
        case .missing(nil): "there is nothing at this address"
        case .tooLarge(let limit): "it is larger than \(limit) bytes"
        case .unreachable(let reason): reason
        }
    }
}
