internal import Bytes
internal import Crypto

/// What a received request claims about its signature; proves nothing until `verify` has returned.
///
/// Reading and verifying are two steps so that the secret can be looked up, perhaps in a database, between them.
public struct SigV4Authorization: Sendable, Equatable {
    /// Where the signature was found.
    public enum Form: Sendable, Equatable {
        /// In the `Authorization` field.
        case header
        /// In the query, with a life of so many seconds.
        case query(expirySeconds: Int)
    }

    /// The access key that is said to have signed.
    public let accessKeyId: String
    /// Day, region and service of the credential.
    public let scope: SigV4Scope
    /// The names the signature covers, in the order given.
    public let signedHeaders: [String]
    /// When the request was signed, in seconds since 1970.
    public let signedAt: Int64
    /// Header or query.
    public let form: Form
    let timestamp: String
    let signature: String

    /// Reads the claim from whichever form the request uses.
    ///
    /// Throws `.missing` for an unsigned request, `.unsupportedAlgorithm` for Signature Version 2, and `.ambiguous`, a
    /// malformed or a missing-header error otherwise. Never traps, whatever the bytes.
    public static func parse(_ request: SigV4Request) throws(SigV4Error) -> SigV4Authorization {
        let fields = request.values("authorization")
        let inQuery = ["X-Amz-Algorithm", "X-Amz-Signature", "X-Amz-Credential"].contains {
            !request.parameters($0).isEmpty
        }
        if let field = fields.first {
            guard fields.count == 1, !inQuery else { throw .ambiguous }
            return try fromHeader(field, request)
        }
        if inQuery { return try fromQuery(request) }
        if !request.parameters("AWSAccessKeyId").isEmpty { throw .unsupportedAlgorithm }
        throw .missing
    }

    private static func fromHeader(
        _ field: String, _ request: SigV4Request
    ) throws(SigV4Error) -> SigV4Authorization {
        guard field.hasPrefix(SigV4.algorithm + " ") else { throw .unsupportedAlgorithm }
        var parts: [String: String] = [:]
        for part in field.dropFirst(SigV4.algorithm.count + 1).split(separator: ",") {
            let halves = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard halves.count == 2 else { throw .malformedHeader("'\(ASCII.trimmed(part))' is no name=value pair") }
            let previous = parts.updateValue(ASCII.trimmed(halves[1]), forKey: ASCII.trimmed(halves[0]))
            guard previous == nil else { throw .malformedHeader("'\(ASCII.trimmed(halves[0]))' appears twice") }
        }
        guard let credential = parts["Credential"] else { throw .malformedHeader("Credential is missing") }
        guard let names = parts["SignedHeaders"] else { throw .malformedHeader("SignedHeaders is missing") }
        guard let signature = parts["Signature"] else { throw .malformedHeader("Signature is missing") }
        guard let date = request.values("x-amz-date").first else { throw .missingHeader("x-amz-date") }
        guard let (accessKeyId, scope) = split(credential: credential) else {
            throw .malformedHeader("the Credential is not KEY/DATE/REGION/SERVICE/aws4_request")
        }
        guard let timestamp = SigV4Timestamp(date) else {
            throw .malformedHeader("x-amz-date is not of the form 20261121T030000Z")
        }
        return SigV4Authorization(
            accessKeyId: accessKeyId, scope: scope, signedHeaders: names.split(separator: ";").map(String.init),
            signedAt: timestamp.epochSeconds, form: .header, timestamp: timestamp.text, signature: signature)
    }

    private static func fromQuery(_ request: SigV4Request) throws(SigV4Error) -> SigV4Authorization {
        func parameter(_ name: String) throws(SigV4Error) -> String {
            let values = request.parameters(name)
            guard let value = values.first else { throw .malformedQuery("\(name) is missing") }
            guard values.count == 1 else { throw .malformedQuery("\(name) appears twice") }
            return value
        }
        guard try parameter("X-Amz-Algorithm") == SigV4.algorithm else { throw .unsupportedAlgorithm }
        guard let (accessKeyId, scope) = split(credential: try parameter("X-Amz-Credential")) else {
            throw .malformedQuery("X-Amz-Credential is not KEY/DATE/REGION/SERVICE/aws4_request")
        }
        guard let timestamp = SigV4Timestamp(try parameter("X-Amz-Date")) else {
            throw .malformedQuery("X-Amz-Date is not of the form 20261121T030000Z")
        }
        guard let expiry = ASCII.parseDecimal(try parameter("X-Amz-Expires")),
            (1...UInt64(SigV4.maximumExpirySeconds)).contains(expiry)
        else {
            throw .malformedQuery("X-Amz-Expires must be a number of seconds from 1 to \(SigV4.maximumExpirySeconds)")
        }
        let names = try parameter("X-Amz-SignedHeaders").split(separator: ";").map(String.init)
        return SigV4Authorization(
            accessKeyId: accessKeyId, scope: scope, signedHeaders: names, signedAt: timestamp.epochSeconds,
            form: .query(expirySeconds: Int(expiry)), timestamp: timestamp.text,
            signature: try parameter("X-Amz-Signature"))
    }

    /// ASCII only, so that everybody who compares or looks up one of the parts finds the same.
    static func split(credential: String) -> (accessKeyId: String, scope: SigV4Scope)? {
        guard credential.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
        let parts = credential.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count >= 5, parts[parts.count - 1] == "aws4_request" else { return nil }
        let accessKeyId = parts[..<(parts.count - 4)].joined(separator: "/")
        guard !accessKeyId.isEmpty else { return nil }
        let scope = SigV4Scope(
            day: String(parts[parts.count - 4]), region: String(parts[parts.count - 3]),
            service: String(parts[parts.count - 2]))
        return (accessKeyId, scope)
    }
}

extension SigV4Authorization {
    /// How the body enters the signature.
    public enum Payload: Sendable, Equatable {
        /// S3: the request declares it in `x-amz-content-sha256`; a presigned URL may leave it out.
        case declared
        /// Other services: the hexadecimal SHA-256 of the body that arrived.
        case hash(String)
    }

    /// The payload hash the signature covers; for `.declared` the caller still compares the body with it.
    ///
    /// Throws `.missingHeader` when S3's field is absent from a header-signed request.
    public func payloadHash(_ request: SigV4Request, _ payload: Payload) throws(SigV4Error) -> String {
        if case .hash(let hash) = payload { return hash }
        if let declared = request.values("x-amz-content-sha256").first { return declared }
        guard case .query = form else { throw .missingHeader("x-amz-content-sha256") }
        return request.parameters("X-Amz-Content-Sha256").first ?? SigV4.unsignedPayload
    }

    /// Proves the claim, or throws why not.
    ///
    /// Checks the scope, the clock (15 minutes either way; a presigned URL until its end), that `host` and every
    /// `x-amz-` field is covered, and last the signature, compared in constant time.
    public func verify(
        _ request: SigV4Request, secretAccessKey: String, region: String, service: String, payload: Payload,
        nowEpochSeconds now: Int64
    ) throws(SigV4Error) {
        try checkScope(region: region, service: service)
        try checkTime(now)
        try checkCoverage(request)
        let excluded: String? = if case .query = form { "X-Amz-Signature" } else { nil }
        let canonical = request.canonical(
            signedHeaders: signedHeaders, payloadHash: try payloadHash(request, payload),
            query: request.canonicalQuery(excluding: excluded))
        let expected = SigV4.signature(
            canonicalRequest: canonical, timestamp: timestamp, scope: scope, secretAccessKey: secretAccessKey)
        guard constantTimeEqual(expected, signature) else { throw .signatureMismatch }
    }

    private func checkScope(region: String, service: String) throws(SigV4Error) {
        for (part, given, expected) in [
            ("date", scope.day, String(timestamp.prefix(8))), ("region", scope.region, region),
            ("service", scope.service, service),
        ] where given != expected {
            throw .wrongScope(part: part, given: given, expected: expected)
        }
    }

    private func checkTime(_ now: Int64) throws(SigV4Error) {
        switch form {
        case .header:
            guard abs(now - signedAt) <= SigV4.clockSkewSeconds else { throw .requestTimeTooSkewed }
        case .query(let expirySeconds):
            guard signedAt - now <= SigV4.clockSkewSeconds else { throw .requestTimeTooSkewed }
            guard now < signedAt + Int64(expirySeconds) else { throw .expired }
        }
    }

    private func checkCoverage(_ request: SigV4Request) throws(SigV4Error) {
        let covered = Set(signedHeaders)
        guard covered.contains("host") else { throw .unsignedHeader("host") }
        for name in request.headerNames where name.hasPrefix("x-amz-") && !covered.contains(name) {
            throw .unsignedHeader(name)
        }
        for name in signedHeaders where request.values(name).isEmpty { throw .signatureMismatch }
    }
}
