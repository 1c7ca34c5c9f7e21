internal import HTTPServer
internal import HTTPWire
internal import Identity
internal import JSON

/// Keeps what stands in for lost authenticators; in production Identity's service.
public protocol RecoveryCodeKeeper: Sendable {
    /// How many codes an account has left.
    func recoveryCodesLeft(ofUser id: String) async throws -> Int
    /// Ten new ones in place of all others, for whoever knows the password; throws `RecoveryCodeRefusal`.
    func newRecoveryCodes(ofUser id: String, password: String) async throws -> [String]
}

extension IdentityService: RecoveryCodeKeeper {}

extension APIServices {
    /// `GET /me/recovery-codes`
    func countRecoveryCodes(of caller: Caller) async throws -> Response {
        let left = try await recoveryCodes.recoveryCodesLeft(ofUser: caller.id)
        return APIServices.json(.ok, ["remaining": .integer(Int64(left))])
    }

    /// `POST /me/recovery-codes`: ten new ones; a token alone, which may be stolen, is not enough.
    func createRecoveryCodes(_ request: Request, by caller: Caller) async throws -> Response {
        let password = try APIInput(request).requiredText("password", limit: 2_048)
        do {
            let codes = try await recoveryCodes.newRecoveryCodes(ofUser: caller.id, password: password)
            return APIServices.json(.created, ["codes": .array(codes.map { .string($0) })])
        } catch let refusal as RecoveryCodeRefusal {
            throw Problem(refusal)
        }
    }
}

extension Problem {
    fileprivate init(_ refusal: RecoveryCodeRefusal) {
        self =
            switch refusal {
            case .wrongPassword: Problem(.forbidden, "wrong_password", "The password is not your account's.")
            case .locked:
                Problem(.tooManyRequests, "too_many_attempts", "Too many wrong passwords; try again later.")
            case .noAuthenticator:
                Problem(.conflict, "no_authenticator", "Your account is not asked for an authenticator.")
            }
    }
}
