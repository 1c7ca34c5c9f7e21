internal import AccessSigning
internal import Bytes
internal import Catalog
internal import HTTPServer
internal import HTTPWire
internal import JSON
internal import SigningKeys

extension APIServices {
    /// `POST /videos/{videoId}/playback`: what opens the video's media at the edge, as cookies or as a signed URL of the
    /// manifest, for players that send none. The edge passes the URL's parameters on to what the manifest names.
    func startPlayback(_ request: Request, for caller: Caller?) async throws -> Response {
        let video = try await visibleVideo(request, for: caller)
        let input = APIInput(request)
        let mode = try input.text("mode", limit: 16) ?? "cookies"
        guard ["cookies", "url"].contains(mode) else { throw Problem.unprocessable("mode", "must be cookies or url.") }
        let asked = try input.integer("ttlSeconds", in: 1...Int64(Int32.max))
        guard video.playable else {
            throw Problem(
                .conflict, "not_playable", "The video cannot be watched yet; its status is \(video.status.rawValue).")
        }
        let seconds = min(asked ?? .max, Int64(configuration.playbackSeconds))
        let expires = now() / 1_000 + seconds
        let isSecure = isSecure(request)
        let base = base(for: request)
        let policy = CloudFrontPolicy(
            resource: "http*://*/media/\(video.id)/*", expires: expires, notBefore: Self.distinctStart(before: now()))
        let signer = try await keys.signer()
        let plain = "\(base)/media/\(video.id)/index.m3u8"
        let manifest = mode == "url" ? try signer.signedURL(plain, policy: policy) : plain
        var response = APIServices.json(
            .ok, ["manifestUrl": .string(manifest), "expiresAt": .string(ISO8601.extended(expires))])
        if mode == "url" { return response }
        for cookie in try signer.cookies(policy) {
            let header = SetCookie(
                name: cookie.name, value: cookie.value, path: "/media/\(video.id)/", maxAge: Int(seconds),
                isSecure: isSecure, isHTTPOnly: true, sameSite: .lax)
            guard let value = header.fieldValue else { throw Problem.internalError }
            response.headers.add("Set-Cookie", value)
        }
        return response
    }

    /// A time long past that no other call is likely to get: two viewers who begin in the same second have policies, and with
    /// them grants, of their own, and edges that limit what one grant may do do not take them for one.
    static func distinctStart(before milliseconds: Int64) -> Int64 {
        .random(in: 0...max(0, milliseconds / 1_000 - 86_400))
    }

    /// What the viewer's addresses begin with.
    func base(for request: Request) -> String { isSecure(request) ? secureBase(request) : configuration.publicURL }

    /// The address for a viewer on TLS, whose cookies a plain one would not get.
    ///
    /// An installation known by its plain address is asked for by the name the edge was asked for.
    private func secureBase(_ request: Request) -> String {
        guard !configuration.publicURL.hasPrefix("https://"), let host = request.headers.first("x-forwarded-host"),
            let url = HTTPURL("https://\(host)"), url.isBase
        else { return configuration.publicURL }
        return "https://\(host)"
    }

    /// Whether the viewer's own connection is encrypted.
    ///
    /// An edge in front says so; a client that lies makes only its own cookies weaker.
    private func isSecure(_ request: Request) -> Bool {
        if request.isTLS { return true }
        let forwarded =
            request.headers.first("x-forwarded-proto") ?? request.headers.first("cloudfront-forwarded-proto")
        if let forwarded { return ASCII.equalsIgnoringCase(forwarded, "https") }
        return configuration.publicURL.hasPrefix("https://")
    }
}
