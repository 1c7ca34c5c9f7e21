import Crypto
import Daemon
import JSON

/// The names and secrets of one data directory: made once, kept for good, so that tokens, cookies and bookmarks survive a
/// restart.
///
///     DIR/secrets/installation.json   0600   everything below as text
///     DIR/secrets/signing-private.pem 0600   the first key that signs playback cookies; the origin takes it over
///     DIR/secrets/signing-public.pem         its public half
///     DIR/secrets/tls-*.pem                  the self-signed certificate of the TLS listener
///     DIR/secrets/sealing.key         0600   seals TOTP secrets and keys; deliberately outside the database
struct Installation {
    static let region = "eu-central-1"

    let directory: String
    private var values: JSONObject

    var secrets: String { "\(directory)/secrets" }
    var privateKeyFile: String { "\(secrets)/signing-private.pem" }
    var publicKeyFile: String { "\(secrets)/signing-public.pem" }
    var certificateFile: String { "\(secrets)/tls-certificate.pem" }
    var certificateKeyFile: String { "\(secrets)/tls-key.pem" }
    var sealingKeyFile: String { "\(secrets)/sealing.key" }

    subscript(_ name: Name) -> String { values[name.rawValue]?.string ?? "" }

    enum Name: String, CaseIterable {
        case userPoolId, clientId, distributionId, keyPairId, keyGroupId, uploadBucket, mediaBucket
        case adminEmail, adminPassword, edgeToken, originToken, workerToken
        case adminAccessKeyId, adminSecretAccessKey
        case edgeAccessKeyId, edgeSecretAccessKey
        case workerAccessKeyId, workerSecretAccessKey
    }

    /// Opens the installation of a directory, completing what is missing.
    static func open(directory: String, hosts: [String]) throws -> Installation {
        let path = path(in: directory)
        try File.makeDirectory("\(directory)/secrets", mode: 0o700)
        var values = File.exists(path) ? try read(path) : JSONObject()
        for name in Name.allCases where values[name.rawValue] == nil {
            values[name.rawValue] = .string(try make(name))
        }
        let installation = Installation(directory: directory, values: values)
        try installation.write()
        try installation.makeKeys(hosts: hosts)
        return installation
    }

    /// Those of an installation that is there.
    ///
    /// - Throws: `CommandFailure` when there is none.
    init(existing directory: String) throws {
        let path = Self.path(in: directory)
        guard File.exists(path) else {
            throw CommandFailure("\(directory) holds no installation; give the directory of `weir up` with --data")
        }
        self.init(directory: directory, values: try Self.read(path))
    }

    private init(directory: String, values: JSONObject) {
        self.directory = directory
        self.values = values
    }

    private static func path(in directory: String) -> String { "\(directory)/secrets/installation.json" }

    private func write() throws {
        try File.writeAtomically(
            JSONValue.object(values).serialized(pretty: true), to: Self.path(in: directory), mode: 0o600)
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
        case .distributionId: "E\(SecureRandom.uppercaseAlphanumeric(13))"
        case .keyPairId: "K\(SecureRandom.uppercaseAlphanumeric(13))"
        case .keyGroupId: SecureRandom.hex(16)
        case .uploadBucket: "weir-uploads"
        case .mediaBucket: "weir-media"
        case .adminEmail: "admin@weir.localhost"
        case .adminPassword: SecureRandom.alphanumeric(20)
        case .edgeToken, .originToken, .workerToken: SecureRandom.alphanumeric(40)
        case .adminAccessKeyId, .edgeAccessKeyId, .workerAccessKeyId:
            "AKIA\(SecureRandom.uppercaseAlphanumeric(16))"
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

// MARK: The access keys

extension Installation {
    /// The edge's former key, which the origin takes while another one takes its place.
    private static let retiring = (id: "retiringEdgeAccessKeyId", secret: "retiringEdgeSecretAccessKey")

    /// Draws a new key for the edge and keeps the present one beside it, on the disk. After an interrupted rotation the key
    /// that was drawn then is kept.
    mutating func drawEdgeKey() throws {
        guard values[Self.retiring.id] == nil else { return }
        values[Self.retiring.id] = .string(self[.edgeAccessKeyId])
        values[Self.retiring.secret] = .string(self[.edgeSecretAccessKey])
        for name in [Name.edgeAccessKeyId, .edgeSecretAccessKey] {
            values[name.rawValue] = .string(try Self.make(name))
        }
        try write()
    }

    /// Forgets the edge's former key, on the disk.
    mutating func forgetRetiringEdgeKey() throws {
        values[Self.retiring.id] = nil
        values[Self.retiring.secret] = nil
        try write()
    }

    /// The id of the edge's former key while the origin takes both.
    var retiringEdgeKeyId: String? { values[Self.retiring.id]?.string }

    /// The edge's key as an entry of `accessKeys`.
    var edgeKey: JSONValue { Self.entry(self[.edgeAccessKeyId], self[.edgeSecretAccessKey], role: "edge") }

    /// `accessKeys` of the origin's configuration.
    var accessKeys: JSONValue {
        var keys = [
            Self.entry(self[.adminAccessKeyId], self[.adminSecretAccessKey], role: "admin"), edgeKey,
            Self.entry(self[.workerAccessKeyId], self[.workerSecretAccessKey], role: "worker"),
        ]
        if let id = retiringEdgeKeyId, let secret = values[Self.retiring.secret]?.string {
            keys.append(Self.entry(id, secret, role: "edge"))
        }
        return .array(keys)
    }

    private static func entry(_ id: String, _ secret: String, role: String) -> JSONValue {
        ["accessKeyId": .string(id), "secretAccessKey": .string(secret), "role": .string(role)]
    }
}
