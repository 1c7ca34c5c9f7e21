internal import Bytes
internal import Crypto

/// Signs messages by the convention of Standard Webhooks (https://www.standardwebhooks.com), version 1.
public enum WebhookSignature {
    private static let prefix = "whsec_"
    private static let secretBytes = 32

    /// A new secret as its owner is told it: `whsec_` and 32 random bytes in base64.
    public static func newSecret() -> String { prefix + Base64.encode(SecureRandom.bytes(secretBytes)) }

    /// `webhook-signature`: `v1,` and the HMAC-SHA-256 of `ID.TIMESTAMP.BODY` in base64, one for each secret, with spaces between.
    ///
    /// `timestamp` is in epoch seconds.
    public static func field(id: String, timestamp: Int64, body: String, secrets: [String]) -> String {
        let message = Array("\(id).\(timestamp).\(body)".utf8)
        return secrets.map { "v1," + Base64.encode(HMAC.sha256(key: key(of: $0), message: message)) }
            .joined(separator: " ")
    }

    /// A secret of another form, which is none of ours, is its own key.
    private static func key(of secret: String) -> [UInt8] {
        guard secret.hasPrefix(prefix), let key = Base64.decode(String(secret.dropFirst(prefix.count))) else {
            return Array(secret.utf8)
        }
        return key
    }
}
