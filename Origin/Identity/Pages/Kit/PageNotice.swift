internal import Bytes
internal import Crypto
internal import JSON

/// What a page has to say about the form that led to it, and the name that was typed; travels sealed in a cookie, because the
/// page is asked for anew.
struct PageNotice: Equatable {
    /// How long it is kept, in seconds.
    static let seconds = 600

    var text: PageText?
    /// The user name that was typed; never a password.
    var username: String?

    init(_ text: PageText? = nil, username: String? = nil) {
        self.text = text
        self.username = username
    }

    /// Nil if it was not sealed for the browser with that secret.
    init?(_ value: String, for secret: String, _ sealer: SecretSealer) {
        guard let sealed = Base64.decode(value.utf8, alphabet: .url),
            let bytes = try? sealer.open(sealed, owner: secret, field: .pageNotice),
            let object = try? JSONValue.parse(bytes)
        else { return nil }
        text = object["text"]?.string.flatMap { PageText(rawValue: $0) }
        username = object["username"]?.string
    }

    func sealed(for secret: String, _ sealer: SecretSealer) throws(CryptoError) -> String {
        var object = JSONObject()
        if let text { object["text"] = .string(text.rawValue) }
        if let username { object["username"] = .string(username) }
        let bytes = JSONValue.object(object).serialized()
        return RandomName.text(of: try sealer.seal(bytes, owner: secret, field: .pageNotice))
    }
}
