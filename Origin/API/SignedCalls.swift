internal import AccessSigning
internal import Audit
internal import HTTPServer
internal import HTTPWire
internal import Identity

/// Calls that machines sign with an access key (SigV4) instead of presenting a token.
extension APIServices {
    /// What they sign for: the name that AWS's tools use for an API of one's own.
    static let signedService = "execute-api"
    /// The largest body of a signed call; it is read before anything else is done.
    private static let maximumSignedBytes = 65_536

    /// Whether a request claims to be signed; a bearer token and a signature exclude each other.
    static func isSigned(_ request: Request) -> Bool {
        request.headers.first("authorization")?.hasPrefix("AWS4-") ?? false
    }

    /// Who signed the request, and the request with the body that the signature covers.
    func signer(of request: Request) async throws -> (Request, Caller) {
        let body = try await APIInput.collect(request, limit: Self.maximumSignedBytes)
        let key: AccessKey
        do throws(SigV4Error) {
            let signed = SigV4Request(
                method: request.method, path: request.path, query: request.query, headers: request.headers)
            key = try configuration.accessKeys.signature(
                of: signed, payload: .hash(SigV4.payloadHash(body)), regions: [configuration.region],
                service: Self.signedService, nowEpochSeconds: now() / 1_000
            ).key
        } catch {
            throw Problem(.unauthorized, "invalid_signature", error.message)
        }
        // Keys of edges and workers have other calls, which look at them.
        guard let role = Role(rawValue: key.role.rawValue) else { throw Problem.keyIsForNoCalls }
        let holder = AuditParty.holder(ofKey: key.id, account: key.account)
        AuditContext.identify(holder)
        var request = request
        request.body = RequestBody(body)
        return (request, Caller(id: holder.text, name: holder.text, role: role))
    }
}
