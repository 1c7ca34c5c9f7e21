internal import Crypto
internal import HTTPWire
internal import JSON

/// A secret that callers share with this process: an operator's, a worker's. Kept as a digest, so that a comparison takes
/// the same time whatever is presented, its length included.
public struct SharedToken: Sendable {
    private let digest: [UInt8]

    /// Takes over the secret.
    public init(_ token: String) {
        digest = Digest.sha256(Array(token.utf8))
    }

    /// Whether the secret is the one presented.
    public func admits(_ presented: String) -> Bool {
        constantTimeEqual(Digest.sha256(Array(presented.utf8)), digest)
    }

    /// The route for those who have the secret; the others get 401.
    ///
    /// - Parameter owner: whose secret it is, for the one who is refused: "the edge".
    public func guarding(_ owner: String, _ route: @escaping AsyncRoute) -> AsyncRoute {
        { [self] request in
            if case .presented(let token) = request.bearerToken, admits(token) { return await route(request) }
            var response = Response.json(
                .unauthorized, ["error": .string("\(owner)'s bearer token is missing or wrong")])
            response.headers.set("WWW-Authenticate", "Bearer")
            return response
        }
    }
}
