internal import AccessSigning
internal import Bytes
internal import Catalog
internal import HTTPServer
internal import HTTPWire
internal import JSON
internal import SigningKeys

extension APIServices {
    /// `POST /videos/{videoId}/playback`: the cookies that open the video's media at the edge.
    func startPlayback(_ request: Request) async throws -> Response {
        let (video, _) = try await visibleVideo(request)
        let input = try await APIInput(request)
        if let mode = try input.text("mode", limit: 16), mode != "cookies" {
            throw Problem.invalid("mode", "must be cookies.")
        }
        let asked = try input.integer("ttlSeconds", in: 1...Int64(Int32.max))
        guard video.playable else {
            throw Problem(
                .conflict, "not_playable", "The video cannot be watched yet; its status is \(video.status.rawValue).")
        }
        let seconds = min(asked ?? .max, Int64(configuration.playbackSeconds))
        let expires = now() / 1_000 + seconds
        let isSecure = isSecure(request)
        let base = isSecure ? secureBase(request) : configuration.publicURL
        let policy = CloudFrontPolicy(resource: "http*://*/media/\(video.id)/*", expires: expires)
        var response = APIServices.json(
            .ok,
            [
                "manifestUrl": .string("\(base)/media/\(video.id)/index.m3u8"),
                "expiresAt": .string(ISO8601.extended(expires)),
            ])
        for cookie in try await keys.signer().cookies(policy) {
            let header = SetCookie(
                name: cookie.name, value: cookie.value, path: "/media/\(video.id)/", maxAge: Int(seconds),
                isSecure: isSecure, isHTTPOnly: true, sameSite: .lax)
            guard let value = header.fieldValue else { throw Problem.internalError }
            response.headers.add("Set-Cookie", value)
        }
        return response
    }

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
