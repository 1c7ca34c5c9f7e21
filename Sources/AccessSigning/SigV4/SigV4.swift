internal import Bytes
internal import Crypto

/// AWS Signature Version 4 for requests that this process sends.
///
/// Canonicalisation is S3's: the path is decoded and encoded once, not twice. For services whose paths hold only
/// unreserved characters (Cognito, CloudFront) that is the same as the general rule.
public enum SigV4 {
    /// The only algorithm.
    public static let algorithm = "AWS4-HMAC-SHA256"
    /// Stands for the body's hash when the body is not signed, as in every presigned URL.
    public static let unsignedPayload = "UNSIGNED-PAYLOAD"
    /// The SHA-256 of no bytes.
    public static let emptyPayloadHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    /// The longest life of a presigned URL, in seconds (one week).
    public static let maximumExpirySeconds = 604_800
    /// How far a client's clock may be off, in seconds.
    public static let clockSkewSeconds: Int64 = 900

    /// The lower-case hexadecimal SHA-256 of a body.
    public static func payloadHash(_ body: [UInt8]) -> String {
        Hex.encode(Digest.sha256(body))
    }

    /// The fields to add to a request so that it is signed: `x-amz-date`, `authorization` and, for S3,
    /// `x-amz-content-sha256`.
    ///
    /// Every header of `request` is signed, so it must hold `host` and only what reaches the server unchanged.
    public static func sign(
        _ request: SigV4Request, credentials: SigV4Credentials, payloadHash: String, epochSeconds: Int64
    ) -> [SigV4Request.Header] {
        let timestamp = SigV4Timestamp(epochSeconds: epochSeconds)
        var added: [SigV4Request.Header] = [(name: "x-amz-date", value: timestamp.text)]
        if credentials.service == "s3" {
            added.append((name: "x-amz-content-sha256", value: payloadHash))
        }
        var signed = request
        signed.headers += added
        let names = signed.headerNames
        let scope = SigV4Scope(day: timestamp.day, region: credentials.region, service: credentials.service)
        let signature = signature(
            canonicalRequest: signed.canonical(
                signedHeaders: names, payloadHash: payloadHash, query: request.canonicalQuery(excluding: nil)),
            timestamp: timestamp.text, scope: scope, secretAccessKey: credentials.secretAccessKey)
        let value =
            "\(algorithm) Credential=\(credentials.accessKeyId)/\(scope), "
            + "SignedHeaders=\(names.joined(separator: ";")), Signature=\(signature)"
        added.append((name: "authorization", value: value))
        return added
    }

    /// The query of a presigned URL: the request's own parameters, then the six `X-Amz-` ones.
    ///
    /// `request.headers` holds `host` and any other header the client is then bound to send, such as `content-type`.
    /// `expirySeconds` is clamped to 1…604,800.
    public static func presign(
        _ request: SigV4Request, credentials: SigV4Credentials, epochSeconds: Int64, expirySeconds: Int
    ) -> String {
        let timestamp = SigV4Timestamp(epochSeconds: epochSeconds)
        let scope = SigV4Scope(day: timestamp.day, region: credentials.region, service: credentials.service)
        let names = request.headerNames
        let expiry = min(max(expirySeconds, 1), maximumExpirySeconds)
        let parameters = [
            ("X-Amz-Algorithm", algorithm),
            ("X-Amz-Credential", "\(credentials.accessKeyId)/\(scope)"),
            ("X-Amz-Date", timestamp.text),
            ("X-Amz-Expires", String(expiry)),
            ("X-Amz-SignedHeaders", names.joined(separator: ";")),
        ]
        var query = request.query.flatMap { $0.isEmpty ? nil : $0 + "&" } ?? ""
        query += parameters.map { "\($0)=\(PercentEncoding.encode($1))" }.joined(separator: "&")
        var presigned = request
        presigned.query = query
        let signature = signature(
            canonicalRequest: presigned.canonical(
                signedHeaders: names, payloadHash: unsignedPayload, query: presigned.canonicalQuery(excluding: nil)),
            timestamp: timestamp.text, scope: scope, secretAccessKey: credentials.secretAccessKey)
        return "\(query)&X-Amz-Signature=\(signature)"
    }

    /// The signature of a text under the key derived for `scope`; also what signs a POST policy.
    public static func signature(of text: String, scope: SigV4Scope, secretAccessKey: String) -> String {
        Hex.encode(HMAC.sha256(key: scope.signingKey(secretAccessKey: secretAccessKey), message: Array(text.utf8)))
    }

    static func signature(
        canonicalRequest: String, timestamp: String, scope: SigV4Scope, secretAccessKey: String
    ) -> String {
        let hash = Hex.encode(Digest.sha256(Array(canonicalRequest.utf8)))
        return signature(
            of: "\(algorithm)\n\(timestamp)\n\(scope)\n\(hash)", scope: scope, secretAccessKey: secretAccessKey)
    }
}

/// An access key and the region and service it signs for.
public struct SigV4Credentials: Sendable {
    /// The public name of the key.
    public let accessKeyId: String
    /// The secret; never logged.
    public let secretAccessKey: String
    /// For example `eu-central-1`.
    public let region: String
    /// For example `s3`.
    public let service: String

    /// Credentials for one service in one region.
    public init(accessKeyId: String, secretAccessKey: String, region: String, service: String = "s3") {
        self.accessKeyId = accessKeyId
        self.secretAccessKey = secretAccessKey
        self.region = region
        self.service = service
    }
}

/// What a signature is bound to besides the request: a day, a region and a service.
public struct SigV4Scope: Sendable, Equatable, CustomStringConvertible {
    /// `YYYYMMDD` in UTC.
    public let day: String
    /// The region.
    public let region: String
    /// The service.
    public let service: String

    /// A scope of its three parts.
    public init(day: String, region: String, service: String) {
        self.day = day
        self.region = region
        self.service = service
    }

    /// As in a credential: `day/region/service/aws4_request`.
    public var description: String { "\(day)/\(region)/\(service)/aws4_request" }

    func signingKey(secretAccessKey: String) -> [UInt8] {
        var key = Array("AWS4\(secretAccessKey)".utf8)
        for part in [day, region, service, "aws4_request"] {
            key = HMAC.sha256(key: key, message: Array(part.utf8))
        }
        return key
    }
}
