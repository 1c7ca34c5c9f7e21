internal import AccessSigning
internal import Bytes
internal import HTTPServer
internal import HTTPWire
internal import JSON

/// Decides whether a call is the edge's whose name it has in its path.
struct EdgeCaller: Sendable {
    /// What edges sign their calls for.
    static let service = "weir"

    let keys: AccessKeyRing
    let region: String
    let now: @Sendable () -> Int64

    /// The refusal of a call that is not; its body is `body`.
    func refusal(of request: Request, body: [UInt8] = []) -> Response? {
        let edgeId = request[parameter: "edgeId"]
        guard ASCII.isName(edgeId) else {
            return Self.refusal(.badRequest, "an edge's name is 1 to 64 letters, digits, '-', '_' and '.'")
        }
        return reasonToRefuse(request, of: edgeId, body: body).map { Self.refusal(.forbidden, $0) }
    }

    private func reasonToRefuse(_ request: Request, of edgeId: String, body: [UInt8]) -> String? {
        let key: AccessKey
        do throws(SigV4Error) {
            let signed = SigV4Request(
                method: request.method, path: request.path, query: request.query, headers: request.headers)
            key = try keys.signature(
                of: signed, payload: .hash(SigV4.payloadHash(body)), regions: [region], service: Self.service,
                nowEpochSeconds: now() / 1_000
            ).key
        } catch {
            return error.message
        }
        guard key.role == .edge else { return "the access key's role is not edge" }
        guard key.edgeId.map({ $0 == edgeId }) ?? true else { return "the access key is another edge's" }
        return nil
    }

    static func refusal(_ status: HTTPStatus, _ reason: String) -> Response {
        json(status, ["error": .string(reason)])
    }

    static func json(_ status: HTTPStatus, _ object: JSONObject) -> Response {
        var response = Response(status: status, contentType: "application/json", bytes: object.serialized())
        response.headers.set("Cache-Control", "no-store")
        return response
    }
}
