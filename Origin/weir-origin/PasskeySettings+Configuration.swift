import Configuration
import Identity
import WebAuthn

extension PasskeySettings {
    /// What the section `identity` says, for a site at `publicURL`.
    ///
    /// A site without a name that passkeys could be bound to has none, and says so when somebody asks for one; what is set and
    /// cannot be is refused.
    init(_ pool: Configuration, publicURL: String) throws {
        self.init()
        isEnabled = pool.text("passkeys") != "off"
        verifiedIsBothFactors = pool.text("passkeyFactors") == "two"
        let isVerificationRequired = pool.text("passkeys") == "required"
        let ofSite = try? RelyingParty(site: publicURL, requiresUserVerification: isVerificationRequired)
        let origins = pool.texts("passkeyOrigins")
        let id = pool.optionalText("passkeyRelyingParty")
        guard id != nil || !origins.isEmpty else {
            relyingParty = ofSite
            return
        }
        do {
            relyingParty = try RelyingParty(
                id: id ?? ofSite?.id ?? "",
                origins: origins.isEmpty ? ofSite.map { Array($0.origins) } ?? [publicURL] : origins,
                requiresUserVerification: isVerificationRequired)
        } catch .idIsNoName(let id) {
            throw OriginSettings.refusal(
                "$.identity.passkeyRelyingParty", RelyingPartyError.idIsNoName(id).description)
        } catch {
            throw OriginSettings.refusal("$.identity.passkeyOrigins", error.description)
        }
    }
}
