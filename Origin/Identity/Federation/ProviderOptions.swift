internal import Bytes
internal import Catalog
internal import JSON
internal import RelyingParty

/// What `CreateIdentityProvider` and `UpdateIdentityProvider` say of a provider, in Cognito's words.
struct ProviderOptions: Sendable {
    /// Who it is, where that is said.
    let issuer: String?
    let clientId: String
    let clientSecret: String?
    let scopes: [String]
    let userInfoMethod: String

    private static let known: Set<String> = [
        "client_id", "client_secret", "oidc_issuer", "authorize_scopes", "attributes_request_method",
        "attributes_url_add_attributes",
    ]

    /// Refuses by name what would not be done: addresses come from the issuer's discovery document, and from nowhere else.
    init(_ details: [String: String]) throws(CognitoError) {
        if let name = details.keys.sorted().first(where: { !Self.known.contains($0) }) {
            throw .invalidParameter(
                "'\(name.prefix(64))' at 'ProviderDetails' is not supported; \(Self.known.sorted().joined(separator: ", ")) are, "
                    + "and addresses come from the issuer's discovery document")
        }
        guard let clientId = details["client_id"], (1...256).contains(clientId.utf8.count) else {
            throw .invalidParameter("'client_id' at 'ProviderDetails' must be text of 1 to 256 bytes")
        }
        self.clientId = clientId
        clientSecret = details["client_secret"]
        guard (1...2048).contains(clientSecret?.utf8.count ?? 1) else {
            throw .invalidParameter("'client_secret' at 'ProviderDetails' must be text of 1 to 2048 bytes")
        }
        issuer = details["oidc_issuer"]
        scopes = (details["authorize_scopes"] ?? "openid email").split(separator: " ").map(String.init)
        guard scopes.contains("openid"), scopes.count <= 32, scopes.allSatisfy(Self.isScope) else {
            throw .invalidParameter("'authorize_scopes' at 'ProviderDetails' must be scopes, openid among them")
        }
        userInfoMethod = details["attributes_request_method"] ?? "GET"
        guard ["GET", "POST"].contains(userInfoMethod) else {
            throw .invalidParameter("'attributes_request_method' at 'ProviderDetails' must be GET or POST")
        }
        guard details["attributes_url_add_attributes"] ?? "false" == "false" else {
            throw .invalidParameter("'attributes_url_add_attributes' at 'ProviderDetails' must be false")
        }
    }

    /// RFC 6749 §3.3.
    private static func isScope(_ text: String) -> Bool {
        (1...128).contains(text.utf8.count)
            && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
    }
}

extension IdentityProvider.Kind {
    static let googleIssuer = "https://accounts.google.com"

    /// The issuer of a provider of this kind, which Google's need not say.
    func issuer(saying said: String?) throws(CognitoError) -> String {
        switch self {
        case .google:
            guard said ?? Self.googleIssuer == Self.googleIssuer else {
                throw .invalidParameter("'oidc_issuer' of Google is \(Self.googleIssuer)")
            }
            return Self.googleIssuer
        case .openID:
            guard let said else { throw .invalidParameter("'oidc_issuer' at 'ProviderDetails' is required") }
            do {
                _ = try ProviderMetadata.address(ofIssuer: said)
            } catch {
                throw .invalidParameter("'oidc_issuer' at 'ProviderDetails': \(error)")
            }
            return said
        }
    }
}

extension CognitoInput {
    /// A provider's name: it begins user names, which an underscore ends.
    func providerName(_ field: String = "ProviderName") throws(CognitoError) -> String {
        let name = try text(field, limit: 32)
        guard name.utf8.count >= 3, name.uppercased() != "COGNITO",
            name.utf8.allSatisfy({ ASCII.isLetter($0) || ASCII.isDigit($0) || "-.".utf8.contains($0) })
        else {
            throw .invalidParameter(
                "Value at '\(field)' must be 3 to 32 letters, digits, dots and hyphens, and not Cognito")
        }
        return name
    }

    func providerKind() throws(CognitoError) -> IdentityProvider.Kind {
        let text = try text("ProviderType", limit: 64)
        guard let kind = IdentityProvider.Kind(rawValue: text) else {
            throw .invalidParameter("ProviderType \(text) is not supported; OIDC and Google are")
        }
        return kind
    }

    /// Our attributes and the claims they come from; what is usual where nothing is said.
    func attributeMapping() throws(CognitoError) -> [String: String]? {
        guard var mapping = try textMap("AttributeMapping", count: 50) else { return nil }
        guard mapping["username"] ?? "sub" == "sub" else {
            throw .invalidParameter("'username' at 'AttributeMapping' comes from sub and nothing else")
        }
        mapping["username"] = "sub"
        for (name, claim) in mapping {
            guard (1...32).contains(name.utf8.count) || name.hasPrefix("custom:"), name.utf8.count <= 64,
                (1...128).contains(claim.utf8.count), name != "sub", !name.hasPrefix("cognito:"), name != "identities"
            else { throw .invalidParameter("'\(name.prefix(64))' at 'AttributeMapping' cannot be mapped") }
        }
        return mapping
    }

    /// Texts by name; nil where the field is absent or null.
    func textMap(_ name: String, count: Int) throws(CognitoError) -> [String: String]? {
        guard let value = try object(name) else { return nil }
        guard value.count <= count else { throw .invalidParameter("Value at '\(name)' has too many members") }
        var map: [String: String] = [:]
        for (key, member) in value.members {
            guard let text = member.string, text.utf8.count <= 4096 else {
                throw .invalidParameter("Value at '\(name)' must hold texts of at most 4096 bytes")
            }
            map[key] = text
        }
        return map
    }
}
