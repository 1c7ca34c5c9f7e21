internal import AccessSigning
internal import Catalog
internal import HTTPServer
internal import SigningKeys

/// Signed addresses of the pictures that stand for videos, as a page shows them that has no cookies for each.
struct Thumbnails {
    let signer: CloudFrontSigner
    /// What addresses begin with.
    let base: String
    /// Epoch seconds.
    let expires: Int64

    /// Nil while there is no picture.
    func url(of video: Video) throws -> String? {
        try video.poster.map { try signer.signedURL("\(base)/media/\(video.id)/\($0)", expires: expires) }
    }
}

extension APIServices {
    /// For who may see what `request` asks for: good for an hour or two, and within an hour the same ones, so that a browser has
    /// them when it comes back.
    func thumbnails(for request: Request) async throws -> Thumbnails { try await thumbnails(at: base(for: request)) }

    /// The same, with addresses that begin with `base`.
    func thumbnails(at base: String) async throws -> Thumbnails {
        let hour: Int64 = 3_600
        return Thumbnails(
            signer: try await keys.signer(), base: base, expires: (now() / 1_000 / hour + 2) * hour)
    }
}
