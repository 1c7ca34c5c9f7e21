import Crypto
import HTTPWire
import RelyingParty

/// What an outside provider says of itself, its keys, its answers and its tokens; none of it is good without its key.
func fuzzProvider(_ bytes: UnsafeRawBufferPointer) {
    let issuer = "https://idp.test"
    let body = [UInt8](bytes)
    let text = String(decoding: bytes, as: UTF8.self)
    if let metadata = try? ProviderMetadata(body, issuer: issuer) {
        for address in [metadata.authorizationEndpoint, metadata.tokenEndpoint, metadata.keysAddress] {
            require(address.usesTLS && !address.isLoopback, "an outside provider leads to this machine, or in clear")
            require(HTTPURL(address.text) == address, "an address reads back differently")
        }
    }
    if let keys = try? ProviderKeys(body) { require(refuses(text, keys), "a token by nobody's key") }
    require(refuses(text, Stranger.keys), "a token that the provider has not signed")
    if let query = Query(text, plusIsSpace: true), let answer = try? AuthorizationAnswer(query) {
        require(!answer.state.isEmpty, "an answer without a state")
    }
    if let tokens = try? ProviderTokens(status: 200, body) {
        require(tokens.accessToken?.contains("\n") != true, "an access token of two lines")
    }
}

private func refuses(_ token: String, _ keys: ProviderKeys) -> Bool {
    (try? IDToken(
        token, keys: keys,
        expecting: .init(
            issuer: "https://idp.test", clientId: "client", nonce: "nonce", accessToken: nil, now: 1_800_000_000)))
        == nil
}

private enum Stranger {
    /// A set of one key whose private half nobody has.
    static let keys: ProviderKeys = {
        let set =
            #"{"keys":[{"kty":"EC","crv":"P-256","kid":"1","#
            + #""x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}"#
        guard let keys = try? ProviderKeys(Array(set.utf8)) else { fatalError("no key") }
        return keys
    }()
}
