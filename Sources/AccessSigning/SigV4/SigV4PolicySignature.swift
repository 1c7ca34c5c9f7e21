internal import Crypto

/// What the fields of a browser's form claim about the signature of its policy; proves nothing until the ring has said whose
/// it is.
public struct SigV4PolicySignature: Sendable, Equatable {
    let accessKeyId: String
    let scope: SigV4Scope
    /// What was signed: the policy as it was sent, in base64.
    let policy: String
    let signature: String

    /// Reads the fields, whose names are in lower case.
    ///
    /// Throws `.unsupportedAlgorithm` for Signature Version 2, `.missing` for a form without a signature, and a malformed error
    /// otherwise.
    public init(fields: [String: String]) throws(SigV4Error) {
        guard let policy = fields["policy"], let signature = fields["x-amz-signature"] else {
            if fields["awsaccesskeyid"] != nil { throw .unsupportedAlgorithm }
            throw .missing
        }
        guard fields["x-amz-algorithm"] == SigV4.algorithm else { throw .unsupportedAlgorithm }
        guard let (id, scope) = fields["x-amz-credential"].flatMap({ SigV4Authorization.split(credential: $0) }) else {
            throw .malformedQuery("X-Amz-Credential is not KEY/DATE/REGION/SERVICE/aws4_request")
        }
        guard let timestamp = fields["x-amz-date"].flatMap({ SigV4Timestamp($0) }), timestamp.day == scope.day else {
            throw .malformedQuery("X-Amz-Date is not of the day of X-Amz-Credential")
        }
        accessKeyId = id
        self.scope = scope
        self.policy = policy
        self.signature = signature
    }
}

extension AccessKeyRing {
    /// Whose key signed a policy for `service` in `region`, or why nobody's did. How long it is good says the policy itself.
    public func key(
        signing claim: SigV4PolicySignature, region: String, service: String, nowEpochSeconds: Int64
    ) throws(SigV4Error) -> AccessKey {
        guard let key = key(id: claim.accessKeyId) else { throw .unknownAccessKey }
        for (part, given, expected) in [
            ("region", claim.scope.region, region), ("service", claim.scope.service, service),
        ]
        where given != expected {
            throw .wrongScope(part: part, given: given, expected: expected)
        }
        let expected = SigV4.signature(of: claim.policy, scope: claim.scope, secretAccessKey: key.secret)
        guard constantTimeEqual(expected, claim.signature) else { throw .signatureMismatch }
        note(key, usedAt: nowEpochSeconds)
        return key
    }
}
