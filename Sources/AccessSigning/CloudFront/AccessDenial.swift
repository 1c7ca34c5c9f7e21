/// The answer of an access check.
public enum AccessDecision: Sendable, Equatable {
    /// Go on and serve.
    case allowed(AccessGrant)
    /// Answer `AccessDenial.status` with `AccessDenial.body`.
    case denied(AccessDenial)

    /// Whether to serve.
    public var isAllowed: Bool {
        if case .allowed = self { return true }
        return false
    }
}

/// Why access was denied: CloudFront's code for the client, and a finer reason for logs and explanations.
public struct AccessDenial: Error, Sendable, Equatable {
    /// The four answers a client can get.
    public enum Code: String, Sendable {
        /// No `Key-Pair-Id` was sent.
        case missingKey = "MissingKey"
        /// The key pair is none that this path trusts.
        case invalidKey = "InvalidKey"
        /// The signature is right and the policy cannot be understood.
        case malformedPolicy = "MalformedPolicy"
        /// Everything else.
        case accessDenied = "AccessDenied"
    }

    /// What exactly was wrong; for operators, never for clients.
    public enum Reason: String, Sendable {
        /// No key pair id.
        case keyMissing = "no Key-Pair-Id"
        /// The key pair is not in the key groups of the behavior.
        case keyUnknown = "key pair not trusted here"
        /// The policy (or expiry) or the signature is absent.
        case incomplete = "policy or signature missing"
        /// A signing parameter appears twice in the query.
        case ambiguous = "a signing parameter appears twice"
        /// The hash is neither `SHA1` nor `SHA256`.
        case unknownHash = "unknown Hash-Algorithm"
        /// The policy or the signature is not in CloudFront's base64.
        case encoding = "not CloudFront base64"
        /// The signature is not this key's over this policy.
        case signature = "signature does not match"
        /// The policy is not understood.
        case policy = "policy not understood"
        /// Now is not before `DateLessThan`.
        case expired = "expired"
        /// Now is not after `DateGreaterThan`.
        case notYetValid = "not yet valid"
        /// The peer is outside `IpAddress`, or of the other family.
        case address = "peer address not allowed"
        /// The URL is not the policy's resource.
        case resource = "resource does not match"
        /// The URL holds bytes or segments that could be read in two ways.
        case url = "URL not unambiguous"
    }

    /// What the client is told.
    public let code: Code
    /// What the operator is told.
    public let reason: Reason

    /// A denial.
    public init(_ code: Code, _ reason: Reason) {
        self.code = code
        self.reason = reason
    }

    /// Always 403.
    public var status: Int { 403 }

    /// The media type of `body`.
    public static let contentType: StaticString = "text/xml"

    /// CloudFront's bytes, without a line end; that of MissingKey has 146.
    public var body: StaticString {
        switch code {
        case .missingKey:
            """
            <?xml version="1.0" encoding="UTF-8"?><Error><Code>MissingKey</Code><Message>Missing Key-Pair-Id query \
            parameter or cookie value</Message></Error>
            """
        case .invalidKey:
            """
            <?xml version="1.0" encoding="UTF-8"?><Error><Code>InvalidKey</Code><Message>Unknown Key</Message></Error>
            """
        case .malformedPolicy:
            """
            <?xml version="1.0" encoding="UTF-8"?><Error><Code>MalformedPolicy</Code><Message>Malformed Policy\
            </Message></Error>
            """
        case .accessDenied:
            """
            <?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code><Message>Access denied</Message></Error>
            """
        }
    }
}
