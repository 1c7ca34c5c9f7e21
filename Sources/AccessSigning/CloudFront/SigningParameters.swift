public import Bytes

/// One candidate for proof of access: the raw values as they were sent.
///
/// A view: valid only as long as the bytes of the request.
struct SigningParameters {
    var policy: UnsafeRawBufferPointer?
    var expires: UnsafeRawBufferPointer?
    var signature: UnsafeRawBufferPointer?
    var keyPairId: UnsafeRawBufferPointer?
    var hash: UnsafeRawBufferPointer?
    var isAmbiguous = false

    enum Name {
        case policy
        case expires
        case signature
        case keyPairId
        case hash

        /// The parameter a query name stands for; names are case-sensitive.
        init?(_ name: UnsafeRawBufferPointer) {
            switch name.count {
            case 6 where ByteSearch.equal(name, "Policy"): self = .policy
            case 7 where ByteSearch.equal(name, "Expires"): self = .expires
            case 9 where ByteSearch.equal(name, "Signature"): self = .signature
            case 11 where ByteSearch.equal(name, "Key-Pair-Id"): self = .keyPairId
            case 14 where ByteSearch.equal(name, "Hash-Algorithm"): self = .hash
            default: return nil
            }
        }
    }

    subscript(name: Name) -> UnsafeRawBufferPointer? {
        get {
            switch name {
            case .policy: policy
            case .expires: expires
            case .signature: signature
            case .keyPairId: keyPairId
            case .hash: hash
            }
        }
        set {
            switch name {
            case .policy: policy = newValue
            case .expires: expires = newValue
            case .signature: signature = newValue
            case .keyPairId: keyPairId = newValue
            case .hash: hash = newValue
            }
        }
    }

    /// The signing parameters of a query; nil if it has none, so that cookies may speak.
    init?(query: UnsafeRawBufferPointer) {
        var found = false
        self.init()
        Self.forEachParameter(query) { name, value, _ in
            guard let name else { return }
            found = true
            if self[name] != nil { isAmbiguous = true }
            self[name] = value
        }
        guard found else { return nil }
    }

    init() {}
}

extension SigningParameters {
    /// Calls `body` with each `&`-separated part: which signing parameter it is, its value, and the whole part.
    static func forEachParameter(
        _ query: UnsafeRawBufferPointer,
        _ body: (_ name: Name?, _ value: UnsafeRawBufferPointer, _ part: UnsafeRawBufferPointer) -> Void
    ) {
        var start = 0
        while start <= query.count {
            var end = start
            var equals = -1
            while end < query.count, query[end] != UInt8(ascii: "&") {
                if equals < 0, query[end] == UInt8(ascii: "=") { equals = end }
                end += 1
            }
            let nameEnd = equals < 0 ? end : equals
            body(
                Name(UnsafeRawBufferPointer(rebasing: query[start..<nameEnd])),
                UnsafeRawBufferPointer(rebasing: query[min(nameEnd + 1, end)..<end]),
                UnsafeRawBufferPointer(rebasing: query[start..<end]))
            start = end + 1
        }
    }

    /// Appends `query` without the signing parameters; every other byte and the order stay.
    static func strip(_ query: UnsafeRawBufferPointer, into output: inout GrowableBuffer) {
        var isFirst = true
        forEachParameter(query) { name, _, part in
            guard name == nil else { return }
            if !isFirst { output.append(UInt8(ascii: "&")) }
            output.append(part)
            isFirst = false
        }
    }
}

/// Removes CloudFront's signing parameters from a query, for cache keys and for the request to the origin.
public enum SignedQuery {
    /// Whether a signing parameter is present, so that a signed URL and not cookies decides about access.
    public static func hasSigningParameters(_ query: UnsafeRawBufferPointer) -> Bool {
        SigningParameters(query: query) != nil
    }

    /// Appends `query` without them to `output`; every other byte and the order stay.
    public static func strip(_ query: UnsafeRawBufferPointer, into output: inout GrowableBuffer) {
        SigningParameters.strip(query, into: &output)
    }

    /// The signing parameters of a query in which a custom policy speaks, as they stand there, joined by `&`: what a child of
    /// the object that was asked for needs too. Nil without one, and for a canned policy, which is good for one URL alone.
    public static func grant(in query: UnsafeRawBufferPointer) -> [UInt8]? {
        guard SigningParameters(query: query)?.policy != nil else { return nil }
        var parts: [UInt8] = []
        SigningParameters.forEachParameter(query) { name, _, part in
            guard name != nil else { return }
            if !parts.isEmpty { parts.append(UInt8(ascii: "&")) }
            parts.append(contentsOf: part)
        }
        return parts
    }
}
