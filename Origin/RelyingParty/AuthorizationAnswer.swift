public import HTTPWire

/// What a provider sends a browser back with (RFC 6749 §4.1.2, RFC 9207).
public struct AuthorizationAnswer: Sendable, Equatable {
    /// What came of it.
    public enum Outcome: Sendable, Equatable {
        /// A code to exchange.
        case code(String)
        /// The provider's word for what went wrong, such as `access_denied`; letters and underscores only.
        case refused(String)
    }

    /// Why an answer is none.
    public enum Refusal: String, Error, Sendable {
        /// A parameter is missing, given twice, or too long.
        case malformed
        /// It is another provider's, or does not say whose although the provider promises to.
        case issuer
    }

    /// What our request carried.
    public let state: String
    /// What came of it.
    public let outcome: Outcome
    private let issuer: String?

    /// Reads the query of the redirect; throws `malformed`.
    public init(_ query: Query) throws(Refusal) {
        for name in ["state", "code", "error", "iss"] where query.values(name).count > 1 { throw .malformed }
        guard let state = query.first("state"), (1...512).contains(state.utf8.count) else { throw .malformed }
        self.state = state
        issuer = query.first("iss")
        if let error = query.first("error") {
            guard (1...64).contains(error.utf8.count),
                error.utf8.allSatisfy({ 0x61...0x7a ~= $0 || $0 == UInt8(ascii: "_") })
            else { throw .malformed }
            outcome = .refused(error)
        } else {
            guard let code = query.first("code"), (1...4096).contains(code.utf8.count) else { throw .malformed }
            outcome = .code(code)
        }
    }

    /// Throws `issuer` unless the answer may be this provider's.
    public func check(isFrom provider: ProviderMetadata) throws(Refusal) {
        guard let issuer else {
            if provider.namesItself { throw .issuer }
            return
        }
        guard issuer.utf8.elementsEqual(provider.issuer.utf8) else { throw .issuer }
    }
}
