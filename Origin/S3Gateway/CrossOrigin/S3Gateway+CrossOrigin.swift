internal import Bytes
internal import Catalog
internal import HTTPServer
internal import HTTPWire

extension S3Gateway {
    /// What pages may always read of an answer: without the ETags of its parts a page cannot end a multipart upload.
    private static let exposed = [
        "ETag", "x-amz-request-id", "x-amz-checksum-crc32", "x-amz-checksum-crc32c", "x-amz-checksum-crc64nvme",
        "x-amz-checksum-sha1", "x-amz-checksum-sha256",
    ]
    private static let preflightVary =
        "Origin, Access-Control-Request-Headers, Access-Control-Request-Method"

    /// Lets a page of an allowed origin send the request it asks about; the signature still decides.
    func preflight(_ request: Request) async -> Response {
        guard let origin = request.headers.first("origin"),
            let method = request.headers.first("access-control-request-method")
        else { return Response(status: .badRequest) }
        let asked = request.headers.joined("access-control-request-headers")
        let headers = (asked ?? "").split(separator: ",").map { ASCII.lowercased(ASCII.trimmed($0)) }
        guard let rule = await crossOriginRules(request).rule(origin: origin, method: method, headers: headers) else {
            return Response(status: .forbidden)
        }
        var response = Response(status: .ok)
        response.headers.set("Access-Control-Allow-Origin", rule.origin(for: origin) ?? origin)
        response.headers.set("Access-Control-Allow-Methods", rule.methods.joined(separator: ", "))
        if let asked { response.headers.set("Access-Control-Allow-Headers", asked) }
        if let seconds = rule.maxAgeSeconds { response.headers.set("Access-Control-Max-Age", "\(seconds)") }
        response.headers.set("Vary", S3Gateway.preflightVary)
        return response
    }

    /// What the page may read of an answer.
    func addCrossOriginFields(to response: inout Response, _ request: Request) async {
        guard let origin = request.headers.first("origin"),
            let rule = await crossOriginRules(request).rule(origin: origin, method: request.method.name)
        else { return }
        response.headers.set("Access-Control-Allow-Origin", rule.origin(for: origin) ?? origin)
        response.headers.set(
            "Access-Control-Expose-Headers", (S3Gateway.exposed + rule.exposed).joined(separator: ", "))
        response.headers.set("Vary", "Origin")
    }

    /// The bucket's own rules; where none are set, those of the installation.
    private func crossOriginRules(_ request: Request) async -> CORSConfiguration {
        let target = try? target(of: request)
        if let bucket = target?.bucket,
            let own = try? await catalog.read({ try CORSConfiguration.of(bucket, $0) })
        {
            return own
        }
        return CORSConfiguration(rules: [
            CORSConfiguration.Rule(
                origins: configuration.allowedOrigins, methods: ["GET", "HEAD", "PUT", "POST", "DELETE"],
                headers: ["*"], maxAgeSeconds: 3_000)
        ])
    }
}
