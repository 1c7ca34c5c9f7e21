import Bytes
import Crypto
import Testing

@Suite struct Ed25519Tests {
    /// RFC 8032 §7.1, tests 1 and 3.
    private static let vectors: [(secret: String, key: String, message: String, signature: String)] = [
        (
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
        (
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        ),
    ]

    @Test func `keys, messages and signatures of RFC 8032`() throws {
        for vector in Self.vectors {
            let (message, signature) = (Hex.decode(vector.message) ?? [], try #require(Hex.decode(vector.signature)))
            let secret = try Ed25519PrivateKey(secret: try #require(Hex.decode(vector.secret)))
            #expect(Hex.encode(secret.publicKeyBytes) == vector.key)
            #expect(try secret.sign(message) == signature)
            let key = try Ed25519PublicKey(try #require(Hex.decode(vector.key)))
            #expect(key.verify(signature: signature, message: message))
            #expect(!key.verify(signature: signature, message: message + [0]))
            #expect(!key.verify(signature: signature.dropLast(), message: message))
            #expect(!key.verify(signature: [], message: message))
        }
    }

    @Test func `a key has 32 bytes`() {
        for count in [0, 31, 33, 64] {
            #expect(throws: CryptoError.self) { try Ed25519PublicKey(Array(repeating: 1, count: count)) }
            #expect(throws: CryptoError.self) { try Ed25519PrivateKey(secret: Array(repeating: 1, count: count)) }
        }
    }
}
