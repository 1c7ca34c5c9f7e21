import AccessSigning
import EventLoop
import HTTPClient
import HTTPWire
import JSON
import Synchronization
import UploadView

/// Calls of the control API as whoever the options of a command say, for as long as the command takes: a token that has lapsed
/// is fetched again.
final class OriginSession: Sendable {
    /// Options that name it, all with a value.
    static let optionNames: Set<String> = [
        "--ready", "--origin", "--token-file", "--access-key", "--secret-key-file", "--region",
    ]
    /// How a usage text says what WHERE is.
    static let usage = """
          WHERE is --ready FILE (default ./weir-data/ready.json), or --origin URL with an access token (--token-file FILE) or an
          access key (--access-key ID --secret-key-file FILE --region NAME).
        """

    private enum Proof: Sendable {
        case administrator(ReadyFile)
        case tokenFile(String)
        case key(SigV4Credentials)
    }

    /// The origin as the user named it.
    let base: String
    /// Where the pages are, as a base URL.
    let pages: String
    let connection: ServiceConnection
    private let proof: Proof
    private let token = Mutex<String?>(nil)

    private init(_ connection: ServiceConnection, _ place: Place) {
        self.connection = connection
        base = place.base
        pages = place.pages
        proof = place.proof
    }

    /// Opens, works, closes.
    ///
    /// - Throws: `UsageError` for half an address, or what `body` throws.
    static func with<Result>(
        _ options: CommandOptions, _ body: (OriginSession) async throws -> Result
    ) async throws -> Result {
        let place = try Place(options)
        return try await ServiceConnection.with(base: place.base) { try await body(OriginSession($0, place)) }
    }

    /// Sends a JSON body and reads a JSON answer.
    ///
    /// - Throws: `CommandFailure` with the origin's own words for any status but 2xx.
    func call(_ method: HTTPMethod, _ target: String, body: JSONValue? = nil) async throws -> JSONValue {
        try await asSomebody { [self] in
            let proof = try await fields(method, target, body?.serialized() ?? [])
            return try await connection.call(method, target, body: body, headers: proof)
        }
    }

    /// The items of a list that comes in pages, at most `limit` of those that `isWanted`.
    func items(
        of target: String, limit: Int, where isWanted: (JSONValue) -> Bool = { _ in true }
    ) async throws -> [JSONValue] {
        var (items, start) = ([JSONValue](), "")
        while true {
            let page = try await call(.get, start.isEmpty ? target : "\(target)&startKey=\(start)")
            items += (page["items"]?.array ?? []).filter(isWanted)
            guard items.count < limit, let next = page["lastEvaluatedKey"]?.string else {
                return Array(items.prefix(limit))
            }
            start = next
        }
    }

    /// Follows a stream of server-sent events until it ends or `body` returns false.
    func follow(_ target: String, _ body: (EventStreamReader.Event) throws -> Bool) async throws {
        try await asSomebody { [self] in
            try await connection.follow(target, headers: try await fields(.get, target, []), body)
        }
    }

    private func asSomebody<Result>(_ work: () async throws -> Result) async throws -> Result {
        let isKept = token.withLock { $0 != nil }
        do {
            return try await work()
        } catch let failure as CommandFailure where failure.refusal?.status == 401 && isKept {
            token.withLock { $0 = nil }
            return try await work()
        }
    }

    private func fields(_ method: HTTPMethod, _ target: String, _ body: [UInt8]) async throws -> [(String, String)] {
        guard case .key(let credentials) = proof else { return [("Authorization", "Bearer \(try await bearer())")] }
        let parts = target.split(separator: "?", maxSplits: 1).map(String.init)
        let request = SigV4Request(
            method: method.name, path: parts[0], query: parts.count > 1 ? parts[1] : nil,
            headers: [(name: "Host", value: connection.endpoint.authority)])
        return SigV4.sign(
            request, credentials: credentials, payloadHash: SigV4.payloadHash(body),
            epochSeconds: WallClock.epochSeconds()
        ).map { ($0.name, $0.value) }
    }

    private func bearer() async throws -> String {
        if let kept = token.withLock({ $0 }) { return kept }
        let fetched: String
        switch proof {
        case .administrator(let ready): fetched = try await connection.signIn(ready)
        case .tokenFile(let path): fetched = try SecretFile.read(path)
        case .key: preconditionFailure("whoever signs has no token")
        }
        token.withLock { $0 = fetched }
        return fetched
    }

    private struct Place {
        let base: String
        let pages: String
        let proof: Proof

        init(_ options: CommandOptions) throws {
            guard let origin = options["--origin"] else {
                let others = ["--token-file", "--access-key", "--secret-key-file", "--region"]
                for name in others where options[name] != nil {
                    throw UsageError("\(name) goes with --origin URL")
                }
                let ready = try ReadyFile(options["--ready"] ?? "./weir-data/ready.json")
                base = try ready["origin"]
                pages = try ready["edge"]
                proof = .administrator(ready)
                return
            }
            base = origin.hasSuffix("/") ? String(origin.dropLast()) : origin
            pages = base
            proof = try Self.proof(options)
        }

        private static func proof(_ options: CommandOptions) throws -> Proof {
            if let file = options["--token-file"] {
                guard options["--access-key"] == nil else { throw UsageError("give --token-file or --access-key") }
                return .tokenFile(file)
            }
            guard let id = options["--access-key"], let file = options["--secret-key-file"],
                let region = options["--region"]
            else {
                throw UsageError(
                    "--origin needs --token-file FILE, or --access-key ID, --secret-key-file FILE and --region NAME")
            }
            return .key(
                SigV4Credentials(
                    accessKeyId: id, secretAccessKey: try SecretFile.read(file), region: region,
                    service: "execute-api"))
        }
    }
}
