internal import Bytes
internal import Crypto
internal import JSON

/// What the browser says about the page that asked (WebAuthn §5.8.1); the authenticator's signature covers it.
struct CollectedClientData: Sendable, Equatable {
    /// Which ceremony it was.
    enum Kind: String {
        case create = "webauthn.create"
        case get = "webauthn.get"
    }

    let type: String
    let challenge: [UInt8]
    let origin: String
    let isCrossOrigin: Bool

    /// Reads the JSON text of a browser; members that are not known are left out.
    init(_ bytes: [UInt8]) throws(WebAuthnRefusal) {
        guard let object = try? JSONValue.parse(bytes, limits: JSONLimits(maximumDepth: 8, maximumBytes: 8192)).object,
            let type = object["type"]?.string, let origin = object["origin"]?.string,
            let challenge = object["challenge"]?.string.flatMap({ Base64.decode($0, alphabet: .url) })
        else { throw .malformed("clientDataJSON") }
        let crossOrigin = object["crossOrigin"] ?? .bool(false)
        guard let isCrossOrigin = crossOrigin.bool else { throw .malformed("clientDataJSON") }
        self.type = type
        self.challenge = challenge
        self.origin = origin
        // A topOrigin is only said of a page in a frame.
        self.isCrossOrigin = isCrossOrigin || object["topOrigin"] != nil
    }

    /// Steps 7 to 11 of WebAuthn §7.1, 11 to 15 of §7.2.
    func check(_ kind: Kind, challenge: [UInt8], _ relyingParty: RelyingParty) throws(WebAuthnRefusal) {
        guard type == kind.rawValue else { throw .wrongType }
        guard constantTimeEqual(self.challenge, challenge) else { throw .wrongChallenge }
        guard relyingParty.origins.contains(origin) else { throw .wrongOrigin(origin) }
        guard !isCrossOrigin else { throw .crossOrigin }
    }
}
