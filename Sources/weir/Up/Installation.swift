import Crypto
import Daemon
import JSON

/// The names and secrets of one data directory: made once, kept for good, so that tokens, cookies and bookmarks survive a
/// restart.
///
///     DIR/secrets/installation.json   0600   everything below as text
///     DIR/secrets/signing-private.pem 0600   the key that signs playback cookies
///     DIR/secrets/signing-public.pem         its public half, which the edge trusts
///     DIR/secrets/tls-*.pem                  the self-signed certificate of the TLS listener
///     DIR/secrets/sealing.key         0600   seals TOTP secrets; deliberately outside the database
struct Installation {
    static let region = "eu-central-1"

    let directory: String
    private let values: JSONObject

    var secrets: String { "\(directory)/secrets" }
    var privateKeyFile: String { "\(secrets)/signing-private.pem" }
    var publicKeyFile: String { "\(secrets)/signing-public.pem" }
    var certificateFile: String { "\(secrets)/tls-certificate.pem" }
    var certificateKeyFile: String { "\(secrets)/tls-key.pem" }
    var sealingKeyFile: String { "\(secrets)/sealing.key" }

    subscript(_ name: Name) -> String { values[name.rawValue]?.string ?? "" }

    enum Name: String, CaseIterable {
        case userPoolId, clientId, distributionId, keyPairId, keyGroupId, uploadBucket, mediaBucket
        case adminEmail, adminPassword, edgeToken, workerToken
        case adminAccessKeyId, adminSecretAccessKey
        case edgeAccessKeyId, edgeSecretAccessKey
        case workerAccessKeyId, workerSecretAccessKey
    }

    /// Opens the installation of a directory, completing what is missing.
    static func open(directory: String, hosts: [String]) throws -> Installation {
        let path = "\(directory)/secrets/installation.json"
        try File.makeDirectory("\(directory)/secrets", mode: 0o700)
        var values = File.exists(path) ? try read(path) : JSONObject()
        for name in Name.allCases where values[name.rawValue] == nil {
            values[name.rawValue] = .string(try make(name))
        }
        try File.writeAtomically(JSONValue.object(values).serialized(pretty: true), to: path, mode: 0o600)
        let installation = Installation(directory: directory, values: values)
        try installation.makeKeys(hosts: hosts)
        return installation
    }

    /// What was made at the first start. A damaged file is refused, for new values would lock everybody out.
    private static func read(_ path: String) throws -> JSONObject {
        func damage(_ reason: String) -> CommandFailure {
            CommandFailure(
                "\(path): \(reason). It holds the ids and secrets of this installation: restore it from a backup, or "
                    + "remove it to get new ones, after which tokens, playback cookies and access keys change")
        }
        let document: JSONValue
        do {
            document = try JSONValue.parse(try File.read(path))
        } catch let error as JSONError {
            throw damage("\(error)")
        }
        guard let values = document.object else { throw damage("it is no JSON object") }
        for name in Name.allCases {
            guard let value = values[name.rawValue] else { continue }
            guard let text = value.string, !text.isEmpty else { throw damage("\(name.rawValue) is no text") }
        }
        return values
    }

    private static func make(_ name: Name) throws -> String {
        switch name {
        case .userPoolId: "\(region)_\(SecureRandom.alphanumeric(9))"
        case .clientId: SecureRandom.alphanumeric(26).lowercased()
        case .distributionId: "E\(SecureRandom.alphanumeric(13).uppercased())"
        case .keyPairId: "K\(SecureRandom.alphanumeric(13).uppercased())"
        case .keyGroupId: SecureRandom.hex(16)
        case .uploadBucket: "weir-uploads"
        case .mediaBucket: "weir-media"
        case .adminEmail: "admin@weir.localhost"
        case .adminPassword: SecureRandom.alphanumeric(20)
        case .edgeToken, .workerToken: SecureRandom.alphanumeric(40)
        case .adminAccessKeyId, .edgeAccessKeyId, .workerAccessKeyId:
            "AKIA\(SecureRandom.alphanumeric(16).uppercased())"
        case .adminSecretAccessKey, .edgeSecretAccessKey, .workerSecretAccessKey: SecureRandom.alphanumeric(40)
        }
    }

    private func makeKeys(hosts: [String]) throws {
        if !File.exists(privateKeyFile) {
            let key = try PrivateKey.generateRSA(bits: 2048)
            try File.writeAtomically(Array(key.publicKey.pem.utf8), to: publicKeyFile, mode: 0o644)
            try File.writeAtomically(Array(key.pem.utf8), to: privateKeyFile, mode: 0o600)
        }
        if !File.exists(certificateKeyFile) {
            let made = try SelfSignedCertificate.make(hosts: hosts)
            try File.writeAtomically(Array(made.certificatePEM.utf8), to: certificateFile, mode: 0o644)
            try File.writeAtomically(Array(made.keyPEM.utf8), to: certificateKeyFile, mode: 0o600)
        }
        if !File.exists(sealingKeyFile) {
            try File.writeAtomically(Array(SecureRandom.hex(32).utf8), to: sealingKeyFile, mode: 0o600)
        }
    }
}
