internal import AccessSigning
internal import Bytes
internal import Catalog

/// Where the file of a video goes, in URLs that need no other proof of who may send it.
struct UploadURL {
    private let base: String
    private let host: String
    private let path: String
    private let credentials: SigV4Credentials
    private let epochSeconds: Int64
    private let expirySeconds: Int

    /// URLs that are good for `configuration.uploadSeconds` from `now`, in epoch milliseconds.
    init(for video: Video, at now: Int64, _ configuration: APIConfiguration) {
        base = configuration.s3URL
        host = base.firstRange(of: "://").map { [base] in String(base[$0.upperBound...]) } ?? base
        path = "/" + PercentEncoding.encode("\(configuration.uploadBucket)/\(video.uploadKey)", allowed: .path)
        credentials = configuration.uploadCredentials()
        epochSeconds = now / 1_000
        expirySeconds = configuration.uploadSeconds
    }

    /// The URL for one method and one query.
    func signed(_ method: String, query: String? = nil) -> String {
        let signed = SigV4.presign(
            SigV4Request(method: method, path: path, query: query, headers: [(name: "host", value: host)]),
            credentials: credentials, epochSeconds: epochSeconds, expirySeconds: expirySeconds)
        return "\(base)\(path)?\(signed)"
    }
}
