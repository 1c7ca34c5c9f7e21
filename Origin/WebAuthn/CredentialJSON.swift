internal import Bytes
internal import JSON

/// The members that both forms of a browser's `PublicKeyCredential` have (WebAuthn Level 3 §5.1.8); others are left out.
struct CredentialJSON {
    let id: [UInt8]
    let attachment: String?
    private let response: JSONObject

    init(_ json: JSONValue) throws(WebAuthnRefusal) {
        guard let object = json.object, let response = object["response"]?.object else {
            throw .malformed("response")
        }
        guard object["type"]?.string == "public-key" else { throw .malformed("type") }
        guard let id = Self.bytes(object["rawId"]), !id.isEmpty, object["id"] == object["rawId"] else {
            throw .malformed("rawId")
        }
        self.id = id
        self.response = response
        attachment = object["authenticatorAttachment"]?.string.flatMap {
            ["platform", "cross-platform"].contains($0) ? $0 : nil
        }
    }

    /// A member of the response.
    func bytes(_ name: String) throws(WebAuthnRefusal) -> [UInt8] {
        guard let bytes = Self.bytes(response[name]) else { throw .malformed(name) }
        return bytes
    }

    /// A member of the response that may be left out.
    func optionalBytes(_ name: String) throws(WebAuthnRefusal) -> [UInt8]? {
        guard let value = response[name], !value.isNull else { return nil }
        return try bytes(name)
    }

    /// How the authenticator is reached, as far as it is said in words like those that are known.
    var transports: [String] {
        let words = response["transports"]?.array?.prefix(8).compactMap(\.string) ?? []
        return words.filter { word in
            (1...32).contains(word.utf8.count)
                && word.utf8.allSatisfy { (0x61...0x7a).contains($0) || $0 == UInt8(ascii: "-") }
        }
    }

    private static func bytes(_ value: JSONValue?) -> [UInt8]? {
        value?.string.flatMap { Base64.decode($0, alphabet: .url) }
    }
}
