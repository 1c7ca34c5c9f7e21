internal import Bytes
internal import HTTPWire

/// Which content codings a client takes (RFC 9110 §12.5.3), as far as an edge that knows two of them must know.
///
/// Several lines add up; nothing is allocated.
public struct AcceptEncoding: Sendable, Equatable {
    /// A content coding the edge can produce.
    public enum Coding: Sendable, CaseIterable {
        /// Brotli (RFC 7932).
        case brotli
        /// gzip (RFC 1952).
        case gzip

        /// As it stands in `Content-Encoding`.
        public var name: StaticString {
            switch self {
            case .brotli: "br"
            case .gzip: "gzip"
            }
        }
    }

    private var brotli: Int?
    private var gzip: Int?
    private var identity: Int?
    private var others: Int?

    /// No line yet: only the identity, for a client that says nothing may not know what a coding is.
    public init() {}

    /// Takes one line; the last word on a coding counts.
    public mutating func add(_ line: UnsafeRawBufferPointer) {
        HTTPToken.forEachElement(of: line) { element in
            let (name, weight) = QualityValue.split(element)
            if ASCII.equalsIgnoringCase(name, "br") {
                brotli = weight
            } else if ASCII.equalsIgnoringCase(name, "gzip") || ASCII.equalsIgnoringCase(name, "x-gzip") {
                gzip = weight
            } else if ASCII.equalsIgnoringCase(name, "identity") {
                identity = weight
            } else if ByteSearch.equal(name, "*") {
                others = weight
            }
            return true
        }
    }

    /// The weight of a coding in thousandths; 0 refuses it.
    public func weight(of coding: Coding) -> Int {
        (coding == .brotli ? brotli : gzip) ?? others ?? 0
    }

    /// The coding to send of those at hand, or nil for the identity: the one with the higher weight, brotli among equals,
    /// unless the client prefers the identity.
    public func choice(brotli hasBrotli: Bool, gzip hasGzip: Bool) -> Coding? {
        let brotliWeight = hasBrotli ? weight(of: .brotli) : 0
        let gzipWeight = hasGzip ? weight(of: .gzip) : 0
        let best = max(brotliWeight, gzipWeight)
        // The identity is acceptable unless refused, but only named it is a preference.
        guard best > 0, best >= identity ?? 0 else { return nil }
        return brotliWeight >= gzipWeight ? .brotli : .gzip
    }
}
