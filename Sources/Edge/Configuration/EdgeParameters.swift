public import Configuration
import JSON
import Tracing

/// Every key of the edge's process configuration.
public enum EdgeParameters {
    /// The document `weir-edge --config` reads.
    public static let all: [Parameter] = [
        .required("distribution", .text, "the distribution document; relative to this file"),
        .optional(
            "distributions", .texts, default: [],
            "documents of further distributions, chosen by the Host of requests; relative to this file"),
        .optional(
            "unknownHosts", .choice(["default", "refuse"]), default: "default",
            "whether the first distribution answers for hosts that none has among its Aliases, or 421 does"),
        .section("http", "the plain listener", [.optional("listen", .text, "HOST:PORT; port 0 picks a free one")]),
        .section(
            "https", "the TLS listener; needs a certificate",
            [
                .optional("listen", .text, "HOST:PORT; port 0 picks a free one"),
                .optional("certificateFile", .text, "PEM, the server's certificate first, then its chain"),
                .optional("keyFile", .text, "PEM"),
                .optional("ocspResponseFile", .text, "OCSP response in DER to staple; needs the issuer in the chain"),
                .optional(
                    "certificates", .list(certificate), default: [],
                    "more of them, chosen by the client's server name; the first of all answers when none fits"),
                .optional("minimumVersion", .choice(["1.2", "1.3"]), default: "1.2", "oldest TLS version"),
                .optional(
                    "ticketKeyFile", .text,
                    "at least 32 random bytes, the same for edges that resume each other's sessions; random when unset"),
                .optional(
                    "ticketRotationSeconds", .integer(60...604_800, unit: "seconds"), default: 21_600,
                    "how long a key seals session tickets; it opens them as long again"),
                .optional(
                    "watchSeconds", .integer(0...86_400, unit: "seconds"), default: 60,
                    "how often changed certificate files are looked for; 0 leaves it to a reload"),
                .optional(
                    "publicPort", .integer(1...65_535, unit: "port"), default: 443,
                    "where clients find this listener; redirects from http lead there"),
            ]),
        .section(
            "admin", "health, metrics, purge and reload; not for the public",
            [
                .optional("listen", .text, default: "127.0.0.1:9090", "HOST:PORT; port 0 picks a free one"),
                .required("token", .secret, "bearer token of every call but the two probes; at least 16 characters"),
            ]),
        .section(
            "cache", "the segment store",
            [
                .required("directory", .text, "made when missing; one process at a time; relative to this file"),
                .optional(
                    "capacityMebibytes", .integer(64...16_777_216, unit: "MiB"), default: 4096,
                    "most the store may hold; keep it below what the disk has free"),
                .optional(
                    "objectMebibytes", .integer(1...4_194_304, unit: "MiB"), default: 1024,
                    "larger objects are not stored whole; nothing is that exceeds a quarter of a shard's capacity"),
                .optional(
                    "shards", .integer(0...64, unit: "shards"), default: 0,
                    "parts with a writer thread each, a power of two; 0 goes by processors; an old directory keeps its own"
                ),
                .optional(
                    "reserveMebibytes", .integer(0...1_048_576, unit: "MiB"), default: 1024,
                    "what the disk keeps free, at most a twentieth of it; below, new objects replace old ones"),
                .optional(
                    "probationPercent", .integer(0...50, unit: "%"), default: 10,
                    "share of a full cache for objects nobody asked for twice; 0 evicts by SIEVE alone"),
                .optional(
                    "readThreads", .integer(1...256, unit: "threads"), default: 4,
                    "threads that read what is not in memory, so that no loop waits for the disk"),
                .optional(
                    "recordMebibytes", .integer(0...1_048_576, unit: "MiB"), default: 512,
                    "most memory for copies of the index records asked for often, about 512 bytes each; taken as needed"
                ),
            ]),
        .section(
            "fills", "objects on their way from origins",
            [
                .optional(
                    "windowKibibytes", .integer(512...1_048_576, unit: "KiB"), default: 4096,
                    "memory of one object on its way; slower clients read from the store"),
                .optional(
                    "memoryMebibytes", .integer(16...1_048_576, unit: "MiB"), default: 256,
                    "memory of all of them together; beyond it each keeps 512 KiB and slows its origin down"),
                .optional(
                    "aheadFills", .integer(1...64, unit: "fills"), default: 2,
                    "objects fetched ahead at the same time, per loop"),
                .optional(
                    "aheadMebibytes", .integer(1...4096, unit: "MiB"), default: 32,
                    "bytes of objects being fetched ahead, per loop, as far as their sizes are known or supposed"),
                .optional(
                    "seconds", .integer(10...86_400, unit: "seconds"), default: 3600,
                    "most time an origin may take for one body, pauses of ours not counted"),
                .optional(
                    "leastBytesPerSecond", .integer(0...1_073_741_824, unit: "bytes/s"), default: 1024,
                    "an origin whose body is slower for five seconds is given up; 0 never"),
                .optional(
                    "sliceChunks", .integer(1...64, unit: "chunks"), default: 4,
                    "size of a slice, in chunks of 262,128 bytes; a range of an object that is not here, and an object "
                        + "above cache.objectMebibytes, is fetched and stored in slices"),
                .optional(
                    "wholeMebibytes", .integer(0...1_048_576, unit: "MiB"), default: 8,
                    "objects up to this size are fetched whole when a range of them is asked for"),
                .optional(
                    "staleMilliseconds", .integer(0...60_000, unit: "ms"), default: 1000,
                    "how long a client waits for the origin when an expired object may be served instead"),
            ]),
        .optional(
            "origins", .map(origin), default: [:],
            "by the Id the distribution gives them; in further distributions, by ID-OF-THE-DISTRIBUTION/ID"),
        .optional(
            "keyGroups", .map(keyGroup), default: [:],
            "by the id behaviors trust; groups that the origin of control names are learnt from it instead"),
        .section(
            "geo", "where clients are",
            [
                .optional(
                    "databaseFile", .text,
                    "countries of addresses in MaxMind's format (.mmdb), read again by a reload; relative to this file")
            ]),
        .section(
            "control", "the origin whose control log this edge follows: purges and keys for all edges, in one order",
            [
                .optional("url", .text, "http:// or https:// and host:port; without it no log is followed"),
                .optional("edgeId", .text, "this edge's own name among all edges; needed with url"),
                .optional("accessKeyId", .text, "key id, of role edge at the origin; needed with url"),
                .optional("secretAccessKey", .secret, "its secret"),
                .optional("region", .text, default: "eu-central-1", "region of the credential scope"),
                .optional("caFile", .text, "PEM certificates to trust instead of the system's; relative to this file"),
                .optional(
                    "mediaPath", .text, default: "/media/",
                    "what paths begin with behind which a video's id stands: the origin is told what is served of each; "
                        + "empty tells it nothing"),
            ]),
        .optional("loops", .integer(0...256, unit: "loops"), default: 0, "event loops; 0 is one per processor"),
        .section(
            "limits", "bounds on a request",
            [
                .optional(
                    "headerBytes", .integer(1024...1_048_576, unit: "bytes"), default: 20_480, "request head; 431"),
                .optional("targetBytes", .integer(256...65_536, unit: "bytes"), default: 8192, "request target; 414"),
                .optional("headerFields", .integer(16...1024, unit: "fields"), default: 128, "request fields; 431"),
                .optional(
                    "bodyMebibytes", .integer(1...1_048_576, unit: "MiB"), default: 51_200,
                    "request body, passed through and never held; 413"),
                .optional(
                    "bodyBytesPerSecond", .integer(0...1_048_576, unit: "bytes/s"), default: 64,
                    "least rate of a request body over timeouts.bodySeconds; 408"),
                .optional(
                    "readerBytesPerSecond", .integer(0...1_048_576, unit: "bytes/s"), default: 128,
                    "least rate at which a client takes a response over timeouts.bodySeconds; reset"),
                .optional(
                    "ranges", .integer(1...64, unit: "ranges"), default: 16,
                    "ranges of one request; beyond it the whole object is served"),
                .optional(
                    "connections", .integer(16...1_000_000, unit: "connections"), default: 10_000,
                    "open client connections"),
                .optional(
                    "connectionsPerAddress", .integer(1...1_000_000, unit: "connections"), default: 1_000_000,
                    "open connections of one client address, IPv6 by its first 64 bits; reset"),
                .optional(
                    "countedClients", .integer(1024...16_777_216, unit: "clients"), default: 262_144,
                    "client addresses and signed grants that limits of behaviors tell apart, 16 bytes each; keep it four "
                        + "times what is active at once"),
                .optional(
                    "handshakes", .integer(16...1_000_000, unit: "handshakes"), default: 1000,
                    "TLS handshakes at a time; beyond it the oldest is closed"),
                .optional(
                    "originConnections", .integer(1...10_000, unit: "connections"), default: 256,
                    "open connections to one origin, per loop"),
                .optional(
                    "originUploads", .integer(1...10_000, unit: "connections"), default: 128,
                    "of those, for requests with a body, which a slow client may hold for long"),
            ]),
        .section(
            "timeouts", "when a silent client is let go",
            [
                .optional(
                    "handshakeSeconds", .integer(1...300, unit: "seconds"), default: 10, "for a whole TLS handshake"),
                .optional("headerSeconds", .integer(1...300, unit: "seconds"), default: 15, "for a whole request head"),
                .optional(
                    "settingsSeconds", .integer(1...300, unit: "seconds"), default: 10,
                    "for an HTTP/2 client to acknowledge our SETTINGS"),
                .optional("idleSeconds", .integer(1...3600, unit: "seconds"), default: 75, "between two requests"),
                .optional(
                    "bodySeconds", .integer(1...3600, unit: "seconds"), default: 60, "without a byte of a body moving"),
                .optional("drainSeconds", .integer(0...3600, unit: "seconds"), default: 20, "for requests at a stop"),
            ]),
        .section("http2", "what one HTTP/2 connection may ask; beyond a budget it ends with ENHANCE_YOUR_CALM", http2),
        .section(
            "upgrade", "leaving the place to a new process of the program, by SIGUSR2 or `weir upgrade`",
            [
                .optional(
                    "readySeconds", .integer(1...3600, unit: "seconds"), default: 60,
                    "for the new process to be prepared, and again to open the cache; else this one goes on"),
                .optional(
                    "drainSeconds", .integer(0...86_400, unit: "seconds"), default: 300,
                    "for requests under way in the old process, instead of timeouts.drainSeconds"),
                .optional(
                    "idleSeconds", .integer(0...300, unit: "seconds"), default: 5,
                    "for one more request on an idle connection of the old process, answered with Connection: close"),
            ]),
        log, accessLog, TraceSettings.parameter,
    ]

    /// Keys that a reload puts in force; the others keep their values until a restart.
    static let reloadable: Set<String> = [
        "distribution", "distributions", "unknownHosts", "origins", "keyGroups", "geo.databaseFile",
        "https.certificateFile",
        "https.keyFile", "https.ocspResponseFile",
        "https.certificates", "https.minimumVersion", "https.ticketKeyFile", "https.ticketRotationSeconds",
        "control.accessKeyId", "control.secretAccessKey", "control.region", "control.certificateAuthorityFile",
        "control.mediaPath",
    ]

    /// The entry of an origin that has none.
    static let originDefaults: Configuration = {
        guard let defaults = try? Configuration(.object([:]), parameters: origin) else {
            preconditionFailure("a key of an origin's entry has neither a default nor leave to be absent")
        }
        return defaults
    }()

    private static let origin: [Parameter] = [
        .optional("url", .text, "http:// or https:// and host:port, instead of the distribution's DomainName"),
        .optional("path", .text, "instead of the distribution's OriginPath"),
        .optional(
            "servers", .texts, default: [],
            "HOST or HOST:PORT of servers that share this origin's requests; scheme, name and port not given are url's"),
        .optional(
            "balancing", .choice(["round-robin", "least-outstanding"]), default: "round-robin",
            "how requests are spread over the servers"),
        .optional(
            "retryPercent", .integer(0...100, unit: "percent"), default: 20,
            "retries per hundred requests, beside ten saved up and one each second; 0 never asks the same origin again"),
        .section(
            "ejection", "a server that fails requests is left alone for a while, unless it is the last one",
            [
                .optional(
                    "failures", .integer(0...1000, unit: "requests"), default: 5,
                    "failed in a row (no answer, broken answer, 502, 503, 504); 0 ejects nobody"),
                .optional(
                    "seconds", .integer(1...3600, unit: "seconds"), default: 10,
                    "of the first ejection; the next is twice as long"),
                .optional("longestSeconds", .integer(1...86_400, unit: "seconds"), default: 300, "of any ejection"),
            ]),
        .section(
            "healthCheck", "asks each server on its own whether it is fit",
            [
                .optional("path", .text, "what to ask for; without it nothing is checked"),
                .optional("intervalSeconds", .integer(1...3600, unit: "seconds"), default: 10, "between two checks"),
                .optional("timeoutSeconds", .integer(1...60, unit: "seconds"), default: 3, "for connection and answer"),
                .optional("healthyThreshold", .integer(1...100, unit: "checks"), default: 2, "passed, to come back"),
                .optional("unhealthyThreshold", .integer(1...100, unit: "checks"), default: 3, "failed, to be down"),
                .optional("statuses", .integers(100...599, unit: "status"), default: [200], "that mean fit"),
            ]),
        .optional("caFile", .text, "PEM certificates to trust instead of the system's; relative to this file"),
        .section(
            "sigv4", "needed when the distribution signs requests to this origin",
            [
                .optional("accessKeyId", .text, "key id"),
                .optional("secretAccessKey", .secret, "its secret"),
                .optional("region", .text, default: "eu-central-1", "region of the credential scope"),
                .optional("service", .text, default: "s3", "service of the credential scope"),
            ]),
    ]

    private static let certificate: [Parameter] = [
        .required("certificateFile", .text, "PEM, the server's certificate first, then its chain"),
        .required("keyFile", .text, "PEM"),
        .optional("ocspResponseFile", .text, "OCSP response in DER to staple; needs the issuer in the chain"),
    ]

    private static let keyGroup: [Parameter] = [
        .required(
            "keys",
            .list([
                .required("id", .text, "the Key-Pair-Id of cookies and URLs"),
                .required("file", .text, "PEM public key; relative to this file"),
            ]), "at most 5; add the new, switch the signer, wait, remove the old")
    ]
}
