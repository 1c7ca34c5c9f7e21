import Daemon
import HTTPWire
import JSON

/// `weir edge-credentials rotate`: the edge of a `weir up` gets a new access key for the origin while it serves, and the old one
/// is refused from then on.
///
///     draw a key (kept in DIR/secrets) → the origin takes both → the edge signs with the new one
///     → what was signed with the old one has arrived → the origin takes the new one only
///
/// Interrupted anywhere, it is taken up where it was by the next call; `weir up` starts with what is on the disk.
struct EdgeCredentialsCommand {
    static let usage = """
        weir edge-credentials rotate [--data DIR] [--grace SECONDS]

          Gives the edge of a running `weir up` a new access key for the origin, without an error for anybody who watches.
          The old key is refused after --grace seconds (default 10), in which requests that it has signed arrive.

        """

    let words: [String]

    func run() async throws {
        let options = try CommandOptions(words, values: ["--data", "--grace"])
        guard options.operands == ["rotate"] else { throw UsageError("say weir edge-credentials rotate") }
        let text = options["--grace"] ?? "10"
        guard let seconds = Int(text), (0...3600).contains(seconds) else {
            throw UsageError("--grace \(text): expected a number of seconds from 0 to 3600")
        }
        try await rotate(in: options["--data"] ?? "./weir-data", grace: .seconds(seconds))
    }

    private func rotate(in directory: String, grace: Duration) async throws {
        let (originFile, edgeFile) = ("\(directory)/config/origin.json", "\(directory)/config/edge.json")
        var installation = try Installation(existing: directory)
        let ready = try ReadyFile("\(directory)/ready.json")
        let edge = (base: try ready["admin"], token: try ready["edgeToken"])
        let origin = try Self.originAdmin(try Self.read(originFile), installation)
        // Nothing is changed before both have answered.
        for admin in [origin, edge] { try await reload(admin) }

        try installation.drawEdgeKey()
        let new = installation[.edgeAccessKeyId]
        var old = try Self.read(edgeFile).accessKeyIds
        if let retiring = installation.retiringEdgeKeyId { old.insert(retiring) }
        old.remove(new)
        try Self.change(originFile) { $0.replaceAccessKeys([new], by: [installation.edgeKey]) }
        try await reload(origin)
        Terminal.output("the origin takes \(new) beside the old key\n")

        try Self.change(edgeFile) { $0.useAccessKey(of: installation) }
        try await reload(edge)
        Terminal.output("the edge signs with \(new)\n")

        try await Task.sleep(for: grace)
        try installation.forgetRetiringEdgeKey()
        try Self.change(originFile) { $0.replaceAccessKeys(old, by: []) }
        try await reload(origin)
        Terminal.output("the origin refuses the old key\n")
    }

    private static func originAdmin(
        _ document: JSONObject, _ installation: Installation
    ) throws(CommandFailure) -> (base: String, token: String) {
        guard let listen = document["adminListen"]?.string, document["adminToken"] != nil else {
            throw CommandFailure(
                "the origin's configuration names no admin listener: it is of an older version; start `weir up` anew")
        }
        return ("http://\(listen)", installation[.originToken])
    }

    private func reload(_ admin: (base: String, token: String)) async throws {
        _ = try await ServiceConnection.with(base: admin.base) { connection in
            try await connection.call(.post, "/reload", bearer: admin.token)
        }
    }

    private static func read(_ path: String) throws -> JSONObject {
        guard let document = try JSONValue.parse(try File.read(path)).object else {
            throw CommandFailure("\(path) is no JSON object")
        }
        return document
    }

    private static func change(_ path: String, _ change: (inout JSONObject) -> Void) throws {
        var document = try read(path)
        change(&document)
        try File.writeAtomically(JSONValue.object(document).serialized(pretty: true), to: path, mode: 0o600)
    }
}

/// The origin's configuration.
extension JSONObject {
    /// Takes keys out of `accessKeys` and puts others at its end.
    fileprivate mutating func replaceAccessKeys(_ ids: Set<String>, by new: [JSONValue]) {
        let kept = (self["accessKeys"]?.array ?? []).filter { !ids.contains($0["accessKeyId"]?.string ?? "") }
        self["accessKeys"] = .array(kept + new)
    }
}

/// The edge's configuration.
extension JSONObject {
    /// The keys that it signs with.
    fileprivate var accessKeyIds: Set<String> {
        let origins = (self["origins"]?.object?.members ?? []).map { $0.value["sigv4"] }
        return Set((origins + [self["control"]]).compactMap { $0?["accessKeyId"]?.string })
    }

    /// Has every origin that is signed for, and the control log, signed for with the installation's present key.
    fileprivate mutating func useAccessKey(of installation: Installation) {
        func changed(_ value: JSONValue?) -> JSONValue? {
            guard var entry = value?.object else { return value }
            entry["accessKeyId"] = .string(installation[.edgeAccessKeyId])
            entry["secretAccessKey"] = .string(installation[.edgeSecretAccessKey])
            return .object(entry)
        }
        self["control"] = changed(self["control"])
        guard var origins = self["origins"]?.object else { return }
        for member in origins.members {
            guard var origin = member.value.object, origin["sigv4"] != nil else { continue }
            origin["sigv4"] = changed(origin["sigv4"])
            origins[member.key] = .object(origin)
        }
        self["origins"] = .object(origins)
    }
}
