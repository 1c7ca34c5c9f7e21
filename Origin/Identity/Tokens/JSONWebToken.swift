internal import Bytes
internal import Crypto
internal import JSON

/// A JSON Web Token signed with RS256 (RFC 7515, RFC 7519), the only algorithm there is here.
enum JSONWebToken {
    /// What a token says of who made it, which says nothing until that one has verified it.
    static func unverifiedIssuer(_ token: String) -> String? {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let payload = Base64.decode(parts[1].utf8, alphabet: .url) else { return nil }
        return (try? JSONValue.parse(payload))?["iss"]?.string
    }

    /// A token longer than this is refused unread; ours stay far below.
    static let maximumBytes = 16_384

    static func sign(_ claims: JSONObject, with key: TokenKeys.Key) throws(CryptoError) -> String {
        let header: JSONValue = ["kid": .string(key.id), "alg": "RS256"]
        let input = encode(header.serialized()) + "." + encode(JSONValue.object(claims).serialized())
        let signature = try key.privateKey.sign(Array(input.utf8), .sha256)
        return input + "." + encode(signature)
    }

    /// The claims of a token that one of `keys` has signed; nil for everything else.
    ///
    /// The algorithm is ours and not the header's: any other `alg` is refused, as are headers that bring or point to
    /// keys (`jwk`, `jku`, `x5c`, `x5u`) or demand extensions (`crit`). The key id is only looked up in memory.
    static func verify(_ token: String, keys: TokenKeys) -> JSONObject? {
        guard token.utf8.count <= maximumBytes else { return nil }
        let parts = token.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3, let header = object(parts[0]),
            header["alg"]?.string == "RS256",
            header.members.allSatisfy({ ["alg", "kid", "typ"].contains($0.key) }),
            let key = header["kid"]?.string.flatMap(keys.publicKey(id:)),
            let signature = Base64.decode(parts[2], alphabet: .url)
        else { return nil }
        let input = Array(parts[0]) + [UInt8(ascii: ".")] + Array(parts[1])
        guard key.verify(signature: signature, message: input, digest: .sha256) else { return nil }
        return object(parts[1])
    }

    private static func encode(_ bytes: [UInt8]) -> String {
        Base64.encode(bytes, alphabet: .url)
    }

    private static func object(_ part: some Sequence<UInt8>) -> JSONObject? {
        guard let bytes = Base64.decode(part, alphabet: .url) else { return nil }
        return try? JSONValue.parse(bytes).object
    }
}
