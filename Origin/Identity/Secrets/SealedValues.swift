public import Catalog

extension IdentityService {
    /// Seals what identities have under the key that seals now, of whatever pool.
    public var sealedValues: SealedValueRewrapping {
        let fields: [SealedColumn: SecretSealer.Field] = [
            .authenticator: .softwareToken, .pendingAuthenticator: .softwareToken, .verifier: .srpVerifier,
            .clientSecret: .clientSecret, .providerSecret: .providerSecret, .tokenKey: .signingKey,
            .poolSecret: .poolSecret,
        ]
        return fields.mapValues { [sealer] field in { try sealer.rewrapped($0, field: field) } }
    }
}
