internal import AccessSigning
public import Configuration
internal import Crypto
internal import Daemon
internal import EventLoop
internal import HTTPClient
internal import MediaPlan
internal import TLS
internal import Telemetry
internal import Transcode

/// `transcoder.json` after all checks.
public struct TranscoderSettings: Sendable {
    var workerId: String
    var adminListen: SocketAddress?
    var origin: Endpoint
    var workerToken: String
    var objects: Endpoint
    var credentials: SigV4Credentials
    var mediaBucket: String
    /// Units side by side: between these two, by load.
    var pool: ClosedRange<Int>
    /// Memory of units.
    var memory: MemoryBudget
    var directory: String
    var drainSeconds: Int
    /// What the kernel can do to jail the decoder of an upload.
    public var jail: JailReport
    var child: ChildProcess.Limits
    var options: TranscodeOptions
    var uploadBytes: Int64
    var wallSeconds: Int
    var silenceSeconds: Int
    var logLevel: LogLevel

    /// Checks what single keys cannot say; throws `ConfigurationRefused` with the key, the value and the way out.
    public init(_ values: Configuration) throws {
        let (origin, objects, work) = (values.section("origin"), values.section("objects"), values.section("work"))
        let (encoding, limits) = (values.section("encoding"), values.section("limits"))
        workerId = values.optionalText("workerId") ?? "transcoder-\(SecureRandom.hex(4))"
        adminListen = try Self.address(values, "adminListen")
        self.origin = try Self.endpoint(origin, at: "$.origin")
        workerToken = try Self.secret(origin, "workerToken", at: "$.origin.workerToken")
        self.objects = try Self.endpoint(objects, at: "$.objects")
        credentials = SigV4Credentials(
            accessKeyId: objects.text("accessKeyId"),
            secretAccessKey: try Self.secret(objects, "secretAccessKey", at: "$.objects.secretAccessKey"),
            region: objects.text("region"))
        mediaBucket = objects.text("mediaBucket")
        let jobs = work.optionalInteger("jobs")
        let maximumJobs = work.optionalInteger("maximumJobs")
        let least = jobs ?? min(Machine.processors, maximumJobs ?? 256, 256)
        guard maximumJobs ?? least >= least else {
            throw Self.refused(
                "$.work.maximumJobs", "\(maximumJobs ?? 0) is less than the \(least) of $.work.jobs; give at least that"
            )
        }
        pool = least...(maximumJobs ?? least)
        memory = MemoryBudget(
            set: work.optionalInteger("memoryMebibytes"), slots: pool.upperBound, machine: Machine.memoryMebibytes)
        directory = work.text("directory")
        drainSeconds = work.integer("drainSeconds")
        guard File.exists(directory) else {
            throw Self.refused("$.work.directory", "\(directory) does not exist; make it or name another directory")
        }
        jail = try Self.jail(isRequired: work.text("jail") == "required")
        child = ChildProcess.Limits(
            memoryBytes: limits.integer("memoryMebibytes") << 20, cpuSeconds: limits.integer("processorSeconds"))
        options = TranscodeOptions(
            preset: encoding.text("preset"), limits: .init(maximumSeconds: Double(limits.integer("filmSeconds"))))
        uploadBytes = Int64(limits.integer("uploadMebibytes")) << 20
        wallSeconds = limits.integer("wallSeconds")
        silenceSeconds = limits.integer("silenceSeconds")
        logLevel = LogLevel(values.section("log").text("level")) ?? .info
    }

    private static func jail(isRequired: Bool) throws -> JailReport {
        let report = JailReport.probe()
        guard report.isTight || !isRequired else {
            throw refused(
                "$.work.jail",
                "this kernel cannot keep the decoder of an upload from files and network: it lacks "
                    + report.missing.joined(separator: ", ")
                    + "; allow seccomp(2), or Landlock and user namespaces, or set \"available\" to do without")
        }
        return report
    }

    private static func refused(_ path: String, _ message: String) -> ConfigurationRefused {
        ConfigurationRefused([ConfigurationProblem(path: path, message: message)])
    }

    private static func address(_ section: Configuration, _ key: String) throws -> SocketAddress? {
        guard let text = section.optionalText(key) else { return nil }
        guard let address = SocketAddress(text) else {
            throw refused("$.\(key)", "'\(text)' is no address of the form 127.0.0.1:9092 or [::1]:9092")
        }
        return address
    }

    private static func secret(_ section: Configuration, _ key: String, at path: String) throws -> String {
        guard let source = section.secret(key) else { throw refused(path, "is required") }
        do {
            let text = try source.resolve()
            guard !text.isEmpty else { throw refused(path, "is empty") }
            return text
        } catch let error as SecretUnavailable {
            throw refused(path, error.description)
        }
    }

    private static func endpoint(_ section: Configuration, at path: String) throws -> Endpoint {
        let url = section.text("url")
        let wrong = refused("\(path).url", "'\(url)' is no address of the form http://HOST:PORT or https://HOST:PORT")
        let isSecure = url.hasPrefix("https://")
        guard isSecure || url.hasPrefix("http://") else { throw wrong }
        var rest = url.dropFirst(isSecure ? "https://".count : "http://".count)
        if rest.hasSuffix("/") { rest = rest.dropLast() }
        guard !rest.isEmpty, !rest.contains("/"), !rest.contains("@") else { throw wrong }
        let tls = isSecure ? try clientContext(section, at: path) : nil
        guard let colon = rest.lastIndex(of: ":"), !rest[colon...].contains("]") else {
            return Endpoint(host: bare(rest), port: isSecure ? 443 : 80, tls: tls)
        }
        guard let port = UInt16(rest[rest.index(after: colon)...]), port > 0, colon > rest.startIndex else {
            throw wrong
        }
        return Endpoint(host: bare(rest[..<colon]), port: port, tls: tls)
    }

    private static func clientContext(_ section: Configuration, at path: String) throws -> TLSClientContext {
        let file = section.optionalText("caFile")
        do {
            return try TLSClientContext(trust: file.map { .file($0) } ?? .system)
        } catch {
            throw refused("\(path).caFile", "\(error)")
        }
    }

    private static func bare(_ host: Substring) -> String {
        host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : String(host)
    }
}
