internal import HTTPServer
internal import HTTPWire

extension S3Gateway {
    /// Lets a page of an allowed origin send the request it asks about; the signature still decides.
    func preflight(_ request: Request) -> Response {
        guard request.headers.contains("origin"), let method = request.headers.first("access-control-request-method")
        else {
            return Response(status: .badRequest)
        }
        var response = Response(status: .ok)
        guard ["GET", "HEAD", "PUT", "POST", "DELETE"].contains(method), addOrigin(to: &response, request) else {
            return Response(status: .forbidden)
        }
        response.headers.set("Access-Control-Allow-Methods", "GET, HEAD, PUT, POST, DELETE")
        if let headers = request.headers.joined("access-control-request-headers") {
            response.headers.set("Access-Control-Allow-Headers", headers)
        }
        response.headers.set("Access-Control-Max-Age", "3000")
        response.headers.set(
            "Vary", "Origin, Access-Control-Request-Headers, Access-Control-Request-Method")
        return response
    }

    /// What the page may read of an answer.
    func addCrossOriginFields(to response: inout Response, _ request: Request) {
        guard request.headers.contains("origin"), addOrigin(to: &response, request) else { return }
        response.headers.set("Access-Control-Expose-Headers", "ETag, x-amz-request-id, x-amz-checksum-crc32")
        response.headers.set("Vary", "Origin")
    }

    private func addOrigin(to response: inout Response, _ request: Request) -> Bool {
        guard let origin = request.headers.first("origin") else { return false }
        let allowed = configuration.allowedOrigins
        guard allowed.contains("*") || allowed.contains(origin) else { return false }
        response.headers.set("Access-Control-Allow-Origin", allowed.contains("*") ? "*" : origin)
        return true
    }
}
