public import Configuration
import Geolocation
public import HTTP2
public import TLS
public import Telemetry
public import Tracing

/// Everything a running edge is told, with files and secrets already read.
public struct EdgeSettings: Sendable {
    /// `HOST:PORT` of the plain listener, if there is one.
    public var httpListen: String?
    /// The TLS listener, if there is one.
    public var https: HTTPS?
    /// `HOST:PORT` of the admin listener.
    public var adminListen: String
    /// Bearer token of the admin listener.
    public var adminToken: String
    /// Directory of the segment store.
    public var cacheDirectory: String
    /// Most bytes of the segment store.
    public var cacheCapacityBytes: Int
    /// Parts of the segment store; `nil` goes by processors.
    public var cacheShards: Int?
    /// Bytes of the file system that stay free.
    public var cacheReserveBytes: Int
    /// Hundredths of a full cache for objects nobody asked for twice.
    public var cacheProbationShare: Int
    /// Threads that read what is not in memory.
    public var cacheReadThreads: Int
    /// Most memory for copies of index records.
    public var cacheRecordBytes: Int
    /// Most bytes of a stored object.
    public var objectBytes: Int
    /// Event loops; 0 is one per processor.
    public var loops: Int
    /// How objects are fetched from origins.
    public var fills: Fills
    /// Bounds on requests and connections.
    public var limits: Limits
    /// When a silent peer is let go.
    public var timeouts: Timeouts
    /// What one HTTP/2 connection may ask; its limits on heads are those of `limits`.
    public var http2: HTTP2Limits
    /// How long an edge that leaves its place waits.
    public var upgrade: Upgrade
    /// Least level logged.
    public var logLevel: String
    /// Where process log lines go.
    public var logDestination: LogDestination
    /// The log of requests; `nil` without one.
    public var accessLog: AccessLogSettings?
    /// Which requests are traced, and where spans go; `nil` for none.
    public var traces: TraceSettings?
    /// What is valid and most likely not meant.
    public var warnings: [ConfigurationProblem]
    /// What a reload may replace.
    let content: EdgeContent
    /// Everything as it stands in the document, defaults included.
    let document: Configuration

    /// Where the TLS listener stands and who it says it is.
    public struct HTTPS: Sendable, Equatable {
        /// `HOST:PORT`.
        public var listen: String
        /// At least one, the default first.
        public var certificates: [TLSCertificate]
        /// Oldest version spoken.
        public var oldestVersion: TLSVersion
        /// From which the keys of session tickets are derived; `nil` for random ones.
        public var ticketSecret: [UInt8]?
        /// How long a key seals session tickets.
        public var ticketSeconds: Int
        /// How often the files are looked at; 0 never.
        public var watchSeconds: Int
        /// Where clients find the listener.
        public var publicPort: Int
    }

    /// How objects are fetched from origins.
    public struct Fills: Sendable {
        /// Memory of one object on its way.
        public var windowBytes: Int
        /// Memory of all of them, from which on each may only have the least.
        public var memoryBytes: Int
        /// Objects fetched ahead at the same time, per loop.
        public var aheadFills: Int
        /// Their bytes.
        public var aheadBytes: Int
        /// Time a whole response may take to be read.
        public var seconds: Int
        /// Bytes a second below which an origin is given up.
        public var leastBytesPerSecond: Int
        /// Bytes of a slice: whole chunks of the store.
        public var sliceBytes: Int
        /// Objects up to this size are fetched whole, also when only a range is wanted.
        public var wholeBytes: Int
        /// How long a client with an expired object at hand waits for the origin before it gets that object.
        public var staleMilliseconds: Int
    }

    /// Bounds on requests and connections.
    public struct Limits: Sendable {
        /// Of a request head.
        public var headerBytes: Int
        /// Of a request target.
        public var targetBytes: Int
        /// Fields of a request head.
        public var headerFields: Int
        /// Of a request body.
        public var bodyBytes: Int
        /// Least rate of a request body.
        public var bodyBytesPerSecond: Int
        /// Least rate at which a client takes a response.
        public var readerBytesPerSecond: Int
        /// Ranges of one request.
        public var ranges: Int
        /// Open client connections.
        public var connections: Int
        /// Open connections of one client address.
        public var connectionsPerAddress: Int
        /// Client addresses and grants that behaviors' limits tell apart.
        public var countedClients: Int
        /// TLS handshakes at a time.
        public var handshakes: Int
        /// Open connections to one origin, per loop.
        public var originConnections: Int
        /// Of those, for requests with a body.
        public var originUploads: Int
    }

    /// When a silent peer is let go, in seconds.
    public struct Timeouts: Sendable {
        /// For a whole TLS handshake.
        public var handshakeSeconds: Int
        /// For a whole request head.
        public var headerSeconds: Int
        /// For an HTTP/2 client to acknowledge our settings.
        public var settingsSeconds: Int
        /// Between two requests.
        public var idleSeconds: Int
        /// Without a byte of a body moving.
        public var bodySeconds: Int
        /// For requests at a stop.
        public var drainSeconds: Int
    }
}

extension EdgeSettings {
    /// How long an edge that leaves its place to a new process waits, in seconds.
    public struct Upgrade: Sendable {
        /// For each stage of the new process's start.
        public var readySeconds: Int
        /// For requests under way.
        public var drainSeconds: Int
        /// For one more request on an idle connection.
        public var idleSeconds: Int
    }
}

/// The part of the settings that a reload replaces in one step: what is served, from where, and whose signatures count.
struct EdgeContent: Sendable {
    /// The default one first.
    let distributions: [Distribution]
    /// Whether requests for hosts that no distribution names are refused.
    let refusesUnknownHosts: Bool
    /// By their names (`Distribution.originName`).
    let origins: [String: OriginSettings]
    /// Public keys by key group id.
    let keyGroups: [String: [TrustedKey]]
    /// `nil` when no control log is followed.
    let control: ControlSettings?
    /// Tells the country of a client; `nil` when none is configured.
    var countries: CountryDatabase?
}

/// Where an origin stands and how to speak to it.
struct OriginSettings: Sendable {
    let name: String
    let host: String
    let port: UInt16
    let usesTLS: Bool
    /// PEM certificates to trust; `nil` trusts the system's.
    let certificateAuthorities: String?
    /// Without a trailing slash.
    let path: String
    let credentials: Credentials?
    let declaration: OriginDeclaration
    /// Where requests really go; the first one is `host` and `port` unless servers are given.
    let servers: [Server]
    let balancing: Balancing
    /// Retries for each request, 0…1.
    let retryRatio: Double
    let healthPolicy: HealthMachine.Policy
    let healthCheck: HealthCheck?

    struct Server: Sendable, Equatable {
        let host: String
        let port: UInt16
    }

    struct Credentials: Sendable {
        let accessKeyId: String
        let secretAccessKey: String
        let region: String
        let service: String
    }
}

/// A public key by the id that cookies and URLs name.
struct TrustedKey: Sendable {
    let id: String
    let pem: String
}
