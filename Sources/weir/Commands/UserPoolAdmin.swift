import AccessSigning
import EventLoop
import HTTPClient
import HTTPWire
import JSON

/// A user pool as an administrator with an access key sees it, from the options of a command.
struct UserPoolAdmin {
    /// Options that name it, all with a value.
    static let optionNames: Set<String> = [
        "--ready", "--origin", "--pool", "--region", "--access-key", "--secret-key-file",
    ]

    private let origin: ServiceConnection
    private let poolId: String
    private let credentials: SigV4Credentials

    /// - Throws: `UsageError` for half an address, or what `body` throws.
    static func with<Result>(
        _ options: CommandOptions, _ body: (UserPoolAdmin) async throws -> Result
    ) async throws -> Result {
        let place = try Place(options)
        return try await ServiceConnection.with(base: place.origin) { origin in
            try await body(UserPoolAdmin(origin: origin, poolId: place.poolId, credentials: place.credentials))
        }
    }

    /// Calls an operation of the user-pool API for this pool; the call is signed.
    func call(_ operation: String, _ input: JSONObject = [:]) async throws -> JSONValue {
        var input = input
        input["UserPoolId"] = .string(poolId)
        let fields = [
            ("Content-Type", "application/x-amz-json-1.1"),
            ("X-Amz-Target", "AWSCognitoIdentityProviderService.\(operation)"),
        ]
        let added = SigV4.sign(
            SigV4Request(
                method: "POST", path: "/identity",
                headers: [(name: "Host", value: origin.endpoint.authority)] + fields.map { (name: $0, value: $1) }),
            credentials: credentials, payloadHash: SigV4.payloadHash(JSONValue.object(input).serialized()),
            epochSeconds: WallClock.epochSeconds())
        return try await origin.call(
            .post, "/identity", body: .object(input), headers: fields + added.map { ($0.name, $0.value) })
    }

    /// All items of a list that comes in pages.
    func all(_ operation: String, _ input: JSONObject, items: String, token: String) async throws -> [JSONValue] {
        var (found, input) = ([JSONValue](), input)
        while true {
            let page = try await call(operation, input)
            found += page[items]?.array ?? []
            guard let next = page[token] else { return found }
            input[token] = next
        }
    }

    private struct Place {
        let origin: String
        let poolId: String
        let credentials: SigV4Credentials

        init(_ options: CommandOptions) throws {
            guard let origin = options["--origin"] else {
                let ready = try ReadyFile(options["--ready"] ?? "./weir-data/ready.json")
                self.origin = try ready["origin"]
                poolId = try ready["userPoolId"]
                credentials = SigV4Credentials(
                    accessKeyId: try ready["accessKeyId"], secretAccessKey: try ready["secretAccessKey"],
                    region: try ready["region"], service: "cognito-idp")
                return
            }
            func named(_ name: String, _ value: String) throws(UsageError) -> String {
                guard let given = options[name] else { throw UsageError("--origin needs \(name) \(value)") }
                return given
            }
            self.origin = origin
            poolId = try named("--pool", "ID")
            credentials = SigV4Credentials(
                accessKeyId: try named("--access-key", "ID"),
                secretAccessKey: try SecretFile.read(try named("--secret-key-file", "FILE")),
                region: try named("--region", "NAME"), service: "cognito-idp")
        }
    }
}
