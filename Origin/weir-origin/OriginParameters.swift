import API
import Configuration
import HTTPWire
import Identity
import JSON
import MediaPlan
import Tracing

/// Every key of `origin.json`.
enum OriginParameters {
    static let all = general + S3ListenerSettings.parameters

    private static let general: [Parameter] = [
        .optional(
            "listen", .text, default: "127.0.0.1:9000", "Where identity, the control API and the pages are served."),
        .optional("s3Listen", .text, default: "127.0.0.1:9001", "Where the S3 gateway is served."),
        .optional("adminListen", .text, "Where operators find health and metrics; not served when not set."),
        .optional(
            "adminToken", .secret,
            "What operators present to POST /reload on adminListen; not served when not set. SIGHUP does the same."),
        .required("publicURL", .text, "The edge's address as viewers see it; playlists and cookies are made for it."),
        .required("originURL", .text, "This origin's own address as clients see it; the token issuer begins with it."),
        .required("s3URL", .text, "The S3 gateway's address as uploaders see it; presigned URLs are made for it."),
        .optional("region", .text, default: "eu-central-1", "The AWS region that SigV4 signatures name."),
        .optional("loops", .integer(1...64, unit: "loops"), default: 1, "Event loops."),
        .optional(
            "logLevel", .choice(["debug", "info", "warning", "error"]), default: "info",
            "The least level that is logged."),
        .section("storage", "Where the data is kept.", storage),
        .section("buckets", "The two buckets.", buckets),
        .section("identity", "The user pool.", identity),
        .section("mail", "How codes and invitations reach people.", MailSettings.parameters),
        .section("signing", "The keys that sign playback cookies.", signing),
        .optional("accessKeys", .list(accessKey), "Who may use the S3 gateway and the signed administrative calls."),
        .required("workerToken", .secret, "What transcoders present to lease jobs."),
        .section(
            "callsPerMinute", "What one caller of the control API may do in a minute; 0 for any number.", callsPerMinute
        ),
        .section("jobs", "The job queue.", jobs),
        .section("webhooks", "How receivers of webhooks are told of videos (docs/webhooks.md).", webhooks),
        .section("imports", "How files are fetched that are imported by URL (docs/imports.md).", imports),
        .section("library", "What owners have.", library),
        .section(
            "archive", "Where uploaded files go that nobody touches (docs/archive.md).", ArchiveSettings.parameters),
        .section("transcode", "What is made of a video whose owner does not say.", transcode),
        TraceSettings.parameter,
        .optional(
            "distributions", .texts, default: [],
            "Ids of the distributions in front of this origin, as CloudFront's calls name them."),
        .optional(
            "trustedProxies", .texts, default: .array(TrustedProxies.loopback.map { .string($0) }),
            "Addresses and blocks (10.0.0.0/8) of edges and other proxies, whose X-Forwarded-For says who the client is; limits "
                + "per address and the audit log go by it. Name every edge on another machine."),
    ]

    /// What a running origin takes over when it reads its configuration again.
    static let reloadable: Set<String> = ["accessKeys", "distributions", "trustedProxies"]

    private static let storage: [Parameter] = [
        .required("database", .text, "Path of the SQLite catalog."),
        .required("objects", .text, "Directory of the objects' bytes."),
    ]

    private static let buckets: [Parameter] = [
        .optional("uploads", .text, default: "weir-uploads", "Where creators upload to."),
        .optional("media", .text, default: "weir-media", "Where transcoders publish and edges read."),
    ]

    private static let identity: [Parameter] = [
        .required("userPoolId", .text, "Id of the user pool, REGION_NAME."),
        .required("clientId", .text, "Id of the public app client."),
        .required("adminEmail", .text, "The first administrator, made at the first start."),
        .required("adminPassword", .secret, "The administrator's password."),
        .required(
            "sealingKey", .secret,
            "64 hexadecimal digits that seal TOTP secrets and private keys; kept outside the database. "
                + "Several, one a line: the first seals, all open."),
        .optional(
            "authenticatorIssuer", .text, default: "Weir",
            "What authenticator applications show beside the name of an account."),
        .optional(
            "providerCAFile", .text,
            "PEM certificates by which outside providers are trusted instead of the system's."),
        .optional(
            "tokenKeyDays", .integer(0...3650, unit: "days"), default: 90,
            "How long a key signs tokens before another does; 0 for ever."),
        .optional(
            "passkeys", .choice(["preferred", "required", "off"]), default: "preferred",
            "Whether people may have passkeys, and whether these must make sure whom they serve, with a PIN or by body."
        ),
        .optional(
            "passkeyFactors", .choice(["two", "one"]), default: "two",
            "Whether a passkey that made sure whom it serves stands for password and second factor, or for the password."
        ),
        .optional(
            "passkeyRelyingParty", .text,
            "The host name that passkeys are bound to. The one of publicURL when not set; changing it ends all passkeys."
        ),
        .optional(
            "passkeyOrigins", .texts, default: [],
            "Origins of pages that may use passkeys, such as https://login.example.com; the one of publicURL when empty."
        ),
        .optional(
            "defaultRole", .choice(Role.allCases.map(\.rawValue)), default: "creator",
            "What accounts may do that are in none of the groups admin, creator and viewer, as are those that people make themselves: "
                + "viewer where only chosen people upload."),
        .section("limitsPerAddress", "What one client address may do; 0 for any number.", limitsPerAddress),
    ]

    private static let limitsPerAddress: [Parameter] = [
        limit(\.failedGuesses, "failedGuesses", "Passwords, second factors and codes that are not right."),
        limit(\.signUps, "signUps", "Sign-ups."),
        limit(\.codesSent, "codesSent", "Codes to be sent, for whatever name."),
    ]

    private static func limit(_ usual: KeyPath<AddressLimits, Int64>, _ name: String, _ text: String) -> Parameter {
        .optional(
            name, .integer(0...1_000_000, unit: "per hour"), default: .integer(AddressLimits()[keyPath: usual]), text)
    }

    private static let callsPerMinute: [Parameter] = [
        calls(.reads, "Calls that look."), calls(.writes, "Calls that change something."),
        calls(.pings, "Pings of players."),
    ]

    private static func calls(_ kind: CallAllowance, _ text: String) -> Parameter {
        .optional(
            kind.rawValue, .integer(0...10_000_000, unit: "calls"), default: .integer(CallLimits()[kind]),
            text + " Accounts and machines are counted each, and addresses for callers who do not say who they are.")
    }

    private static let signing: [Parameter] = [
        .optional(
            "keyGroupId", .text, default: "playback",
            "The key group that the behaviors of media trust, as edges name it."),
        .optional(
            "keyPairId", .text,
            "Id of the key in privateKeyFile. It is the first key of the group; later ones are made with weir keys."),
        .optional(
            "privateKeyFile", .text,
            "The first private key, PEM; read once, at the first start. Without it a key is made."),
        .optional(
            "playbackSeconds", .integer(60...604_800, unit: "seconds"), default: 14_400,
            "How long playback cookies open a video."),
    ]

    private static let accessKey: [Parameter] = [
        .required("accessKeyId", .text, "The id, as in AWS; several keys of one role are good side by side."),
        .required("secretAccessKey", .secret, "The secret."),
        .required(
            "role", .choice(["admin", "edge", "worker"]),
            "admin may do everything, edge reads media and follows the control log, worker reads uploads and writes media."
        ),
        .optional(
            "edgeId", .text,
            "Role edge only: the one edge whose key this is; it follows the control log under no other name."),
    ]

    private static let transcode: [Parameter] = [
        .optional(
            "codecs", .texts, default: ["h264"],
            "Codecs that ladders of sizes are made in: \(VideoCodec.allCases.map(\.rawValue).joined(separator: ", ")). h264 is always made."
        ),
        .optional(
            "encryption", .choice(VideoOptions.Encryption.allCases.map(\.rawValue)), default: "none",
            "Whether segments are encrypted, with AES-128 (docs/encryption.md)."),
    ]

    private static let webhooks: [Parameter] = [
        .optional(
            "allowPrivateAddresses", .boolean, default: false,
            "Whether webhooks may be sent to this machine's and an intranet's addresses: for tests and intranets. Link-local ones are never asked."
        ),
        .optional("perAccount", .integer(0...1_000, unit: "webhooks"), default: 10, "How many an account may have."),
        .optional(
            "concurrency", .integer(1...256, unit: "messages"), default: 16,
            "How many messages are under way at a time."),
        .optional(
            "timeoutSeconds", .integer(1...60, unit: "seconds"), default: 10, "How long a receiver may take to answer."),
        .optional(
            "firstRetrySeconds", .integer(1...3600, unit: "seconds"), default: 5,
            "The wait after the first failure; each further one is four times as long, up to a day. Eleven attempts."),
    ]

    private static let imports: [Parameter] = [
        .optional(
            "allowPrivateAddresses", .boolean, default: false,
            "Whether this machine's and an intranet's addresses may be asked: for tests and intranets. Link-local ones never are."
        ),
        .optional("concurrency", .integer(1...64, unit: "files"), default: 4, "How many files are fetched at a time."),
        .optional("perAccount", .integer(1...64, unit: "files"), default: 2, "How many of them of one account."),
        .optional(
            "stallSeconds", .integer(1...600, unit: "seconds"), default: 30, "How long a server may be silent."),
        .optional(
            "totalSeconds", .integer(10...604_800, unit: "seconds"), default: 21_600, "How long an attempt may take."),
        .optional(
            "firstRetrySeconds", .integer(1...300, unit: "seconds"), default: 5,
            "The wait after the first failure; each further one is four times as long, up to five minutes. Six attempts that bring nothing."
        ),
    ]

    private static let library: [Parameter] = [
        .optional(
            "trashDays", .integer(0...3650, unit: "days"), default: 30,
            "How long a deleted video can be brought back before it is gone for good; 0 until somebody deletes it for good."
        ),
        .optional(
            "videosPerOwner", .integer(0...1_000_000_000, unit: "videos"), default: 0,
            "How many videos one account may have, the trash included, unless an administrator allows it another number; 0 for any."
        ),
        .optional(
            "bytesPerOwner", .integer(0...(1 << 60), unit: "bytes"), default: 0,
            "How much one account may have uploaded, in the same way; 0 for any amount."),
    ]

    private static let jobs: [Parameter] = [
        .optional(
            "leaseSeconds", .integer(5...3600, unit: "seconds"), default: 30,
            "A worker that is silent for this long loses its job."),
        .optional("attempts", .integer(1...20, unit: "attempts"), default: 3, "After this many a job is dead."),
    ]
}
