import API
import AccessSigning
import Bytes
import Configuration
import Crypto
import Daemon
import EventLoop
import HTTPWire
import Identity
import Imports
import JSON
import Library
import MediaPlan
import Outbound
import SigningKeys
import TLS
import Telemetry
import Tracing
import Webhooks

/// What `origin.json` means: checked against files and against itself, secrets read.
struct OriginSettings: Sendable {
    let listen: SocketAddress
    let s3Listen: SocketAddress
    let adminListen: SocketAddress?
    let publicURL: String
    let s3URL: String
    let s3Listeners: S3ListenerSettings
    let region: String
    let loops: Int
    let logLevel: LogLevel
    let databasePath: String
    let objectsDirectory: String
    let uploadBucket: String
    let mediaBucket: String
    let sealingKeys: SealingKeys
    let identity: IdentitySettings
    let clientId: String
    let administrator: IdentityBootstrap.Administrator
    let mail: MailSettings
    let keyGroupId: String
    /// The key of the first start, when the configuration names one.
    let firstKey: SigningKeys.Imported?
    let playbackSeconds: Int
    let accessKeys: [AccessKey]
    /// Bearer token of `POST /reload`; nil when it is not served.
    let adminToken: String?
    let workerToken: String
    let callLimits: CallLimits
    let leaseSeconds: Int
    let attempts: Int
    /// How files are fetched.
    let imports: ImportOptions
    /// How webhooks are told.
    let webhooks: WebhookOptions
    /// How many webhooks an account may have.
    let webhooksPerAccount: Int
    let archive: ArchiveSettings
    let trashDays: Int
    let quotas: Quotas
    /// What is made of a video whose owner does not say.
    let videoOptions: VideoOptions
    let distributions: [String]
    let trustedProxies: TrustedProxies
    /// Which requests are traced, and where spans go; `nil` for none.
    let traces: TraceSettings?
    /// Everything as it stands in the document, defaults included.
    let document: Configuration

    init(_ document: Configuration) throws {
        self.document = document
        listen = try Self.address(document, "listen")
        s3Listen = try Self.address(document, "s3Listen")
        adminListen = try document.optionalText("adminListen").map { _ in try Self.address(document, "adminListen") }
        publicURL = try Self.base(document, "publicURL")
        s3URL = try Self.base(document, "s3URL")
        s3Listeners = try S3ListenerSettings(document, s3URL: s3URL)
        let originURL = try Self.base(document, "originURL")
        region = document.text("region")
        loops = document.integer("loops")
        logLevel = LogLevel(document.text("logLevel")) ?? .info

        let storage = document.section("storage")
        databasePath = storage.text("database")
        objectsDirectory = storage.text("objects")

        let buckets = document.section("buckets")
        uploadBucket = buckets.text("uploads")
        mediaBucket = buckets.text("media")

        accessKeys = try Self.accessKeys(document)
        adminToken = try document.secret("adminToken").map { _ in try Self.secret(document, "adminToken", at: "$") }
        workerToken = try Self.secret(document, "workerToken", at: "$")
        callLimits = Self.callLimits(document.section("callsPerMinute"))

        let pool = document.section("identity")
        sealingKeys = try Self.sealingKeys(pool)
        clientId = pool.text("clientId")
        administrator = IdentityBootstrap.Administrator(
            email: pool.text("adminEmail"), password: try Self.secret(pool, "adminPassword", at: "$.identity"))
        var identity = IdentitySettings(
            region: region, userPoolId: pool.text("userPoolId"), issuer: "\(originURL)/\(pool.text("userPoolId"))",
            sealingKey: sealingKeys.current)
        identity.sealingKeys = sealingKeys.all
        identity.authenticatorIssuer = pool.text("authenticatorIssuer")
        identity.publicURL = publicURL
        identity.providerAuthorities = try Self.providerAuthorities(pool)
        identity.tokenKeySeconds = Int64(pool.integer("tokenKeyDays")) * 86_400
        identity.passkeys = try PasskeySettings(pool, publicURL: publicURL)
        identity.defaultRole = Role(rawValue: pool.text("defaultRole")) ?? identity.defaultRole
        identity.addressLimits = Self.addressLimits(pool.section("limitsPerAddress"))
        self.identity = identity
        mail = try MailSettings(document.section("mail"))

        let signing = document.section("signing")
        keyGroupId = signing.text("keyGroupId")
        firstKey = try Self.firstKey(signing)
        playbackSeconds = signing.integer("playbackSeconds")

        let jobs = document.section("jobs")
        leaseSeconds = jobs.integer("leaseSeconds")
        attempts = jobs.integer("attempts")

        let imports = document.section("imports")
        self.imports = ImportOptions(
            rule: OutboundRule(allowsPrivateAddresses: imports.boolean("allowPrivateAddresses")),
            concurrency: imports.integer("concurrency"), perAccount: imports.integer("perAccount"),
            stallTimeout: .seconds(imports.integer("stallSeconds")),
            totalTimeout: .seconds(imports.integer("totalSeconds")),
            firstRetrySeconds: imports.integer("firstRetrySeconds"))

        let webhooks = document.section("webhooks")
        webhooksPerAccount = webhooks.integer("perAccount")
        self.webhooks = WebhookOptions(
            rule: OutboundRule(allowsPrivateAddresses: webhooks.boolean("allowPrivateAddresses")),
            concurrency: webhooks.integer("concurrency"), timeout: .seconds(webhooks.integer("timeoutSeconds")),
            firstRetrySeconds: webhooks.integer("firstRetrySeconds"))

        let library = document.section("library")
        trashDays = library.integer("trashDays")
        quotas = Quotas(
            videos: Int64(library.integer("videosPerOwner")), bytes: Int64(library.integer("bytesPerOwner")))

        archive = try ArchiveSettings(document.section("archive"))

        videoOptions = try Self.videoOptions(document.section("transcode"))
        distributions = document.texts("distributions")
        trustedProxies = try Self.trustedProxies(document)
        do {
            traces = try TraceSettings(document.section("telemetry")) { try $0.resolve() }
        } catch {
            throw Self.refusal("$.telemetry.\(error.key)", error.message)
        }
    }
}

extension OriginSettings {
    static func address(_ document: Configuration, _ key: String) throws -> SocketAddress {
        guard let address = SocketAddress(document.text(key)) else {
            throw refusal("$.\(key)", "\"\(document.text(key))\" is not ADDRESS:PORT, such as 127.0.0.1:9000")
        }
        return address
    }

    private static func base(_ document: Configuration, _ key: String, at path: String = "$") throws -> String {
        let text = document.text(key)
        guard let url = HTTPURL(text), url.isBase, !text.hasSuffix("/") else {
            throw refusal("\(path).\(key)", "\"\(text)\" is not http:// or https:// with a host and nothing behind it")
        }
        return text
    }

    private static func secret(_ document: Configuration, _ key: String, at path: String) throws -> String {
        guard let source = document.secret(key) else { throw refusal("\(path).\(key)", "is required") }
        do {
            return try source.resolve()
        } catch {
            throw refusal("\(path).\(key)", error.description)
        }
    }

    private static func providerAuthorities(_ pool: Configuration) throws -> String? {
        guard let file = pool.optionalText("providerCAFile") else { return nil }
        do {
            _ = try TLSClientContext(trust: .file(file))
            return file
        } catch {
            throw refusal("$.identity.providerCAFile", "\(error)")
        }
    }

    private static func sealingKeys(_ pool: Configuration) throws -> SealingKeys {
        let keys = SealingKeys(text: try secret(pool, "sealingKey", at: "$.identity"))
        guard let keys else {
            throw refusal("$.identity.sealingKey", "is not 64 hexadecimal digits, or lines of them that differ")
        }
        return keys
    }

    /// The file may be gone once the key is in the catalog, and is looked at here so that a damaged one is noticed early.
    private static func firstKey(_ signing: Configuration) throws -> SigningKeys.Imported? {
        guard let path = signing.optionalText("privateKeyFile") else { return nil }
        guard let id = signing.optionalText("keyPairId") else {
            throw refusal("$.signing.keyPairId", "is required with privateKeyFile: it is what cookies call the key")
        }
        let read: @Sendable () throws -> PrivateKey = {
            do {
                return try PrivateKey(pem: String(decoding: try File.read(path), as: UTF8.self))
            } catch {
                throw refusal("$.signing.privateKeyFile", "\(path): \(error)")
            }
        }
        if File.exists(path) { _ = try read() }
        return SigningKeys.Imported(id: id, read: read)
    }

    private static func videoOptions(_ section: Configuration) throws -> VideoOptions {
        do {
            return try VideoOptions(json: [
                "codecs": .array(section.texts("codecs").map { .string($0) }),
                "encryption": .string(section.text("encryption")),
            ])
        } catch {
            throw refusal("$.transcode.\(error.key)", error.message)
        }
    }

    private static func accessKeys(_ document: Configuration) throws -> [AccessKey] {
        var keys: [AccessKey] = []
        for (index, entry) in document.list("accessKeys").enumerated() {
            let path = "$.accessKeys[\(index)]"
            let key = AccessKey(
                id: entry.text("accessKeyId"), secret: try secret(entry, "secretAccessKey", at: path),
                role: AccessKey.Role(rawValue: entry.text("role")) ?? .worker, edgeId: entry.optionalText("edgeId"))
            if keys.contains(where: { $0.id == key.id }) {
                throw refusal("\(path).accessKeyId", "\"\(key.id)\" is given twice")
            }
            if key.edgeId != nil, key.role != .edge {
                throw refusal("\(path).edgeId", "belongs to keys with role \"edge\" only")
            }
            keys.append(key)
        }
        guard keys.contains(where: { $0.role == .admin }) else {
            throw refusal("$.accessKeys", "holds no key with role \"admin\", which uploads are presigned with")
        }
        return keys
    }

    private static func callLimits(_ section: Configuration) -> CallLimits {
        var limits = CallLimits()
        limits.reads = Int64(section.integer("reads"))
        limits.writes = Int64(section.integer("writes"))
        limits.pings = Int64(section.integer("pings"))
        return limits
    }

    private static func addressLimits(_ section: Configuration) -> AddressLimits {
        var limits = AddressLimits()
        limits.failedGuesses = Int64(section.integer("failedGuesses"))
        limits.signUps = Int64(section.integer("signUps"))
        limits.codesSent = Int64(section.integer("codesSent"))
        return limits
    }

    private static func trustedProxies(_ document: Configuration) throws -> TrustedProxies {
        let texts = document.texts("trustedProxies")
        return TrustedProxies(
            try texts.enumerated().map { index, text in
                guard let network = IPNetwork(text) else {
                    throw refusal(
                        "$.trustedProxies[\(index)]",
                        "\"\(text)\" is not an address or ADDRESS/BITS, such as 10.0.0.0/8")
                }
                return network
            })
    }

    static func refusal(_ path: String, _ message: String) -> ConfigurationRefused {
        ConfigurationRefused([ConfigurationProblem(path: path, message: message)])
    }
}
