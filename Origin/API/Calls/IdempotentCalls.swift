internal import Bytes
public import Catalog
public import Crypto
internal import HTTPServer
internal import HTTPWire
internal import JSON

/// Carries a call out once however often its sender repeats it (draft-ietf-httpapi-idempotency-key-header-06).
///
///     (new) ──claimed──▶ under way ──2xx──▶ answered: the same answer, for a day
///                            │  └──refused──▶ (new): nothing was done
///                            └──failed, or the origin died──▶ after a minute of unknown outcome
///
/// The claim is durable before the call begins, so a crash can leave a call whose outcome nobody knows, which is said (409), and never one
/// that is done twice.
public struct IdempotentCalls: Sendable {
    /// How long an answer is kept.
    private static let keptMilliseconds: Int64 = 86_400_000
    /// After how long nobody can be at work on a call any more.
    private static let longestMilliseconds: Int64 = 60_000

    private let catalog: any CatalogStore
    private let sealer: Sealer
    private let now: @Sendable () -> Int64

    /// Answers are kept in `catalog`, sealed; `now` gives epoch milliseconds.
    public init(catalog: any CatalogStore, sealingKeys: SealingKeys, now: @escaping @Sendable () -> Int64) {
        self.catalog = catalog
        sealer = Sealer(sealingKeys, purpose: "weir idempotent calls")
        self.now = now
    }

    /// Seals kept answers under the key that seals now.
    public var sealedValues: SealedValueRewrapping {
        [.idempotentAnswer: { [sealer] in try sealer.rewrapped($0.sealed, binding: $0.id) }]
    }

    /// The answer that this call got before, or that of `body`.
    func answer(
        _ request: Request, of caller: Caller, key: String, _ body: (Request) async throws -> Response
    ) async throws -> Response {
        var request = request
        let bytes = try await APIInput.collect(request, limit: APIInput.maximumBytes)
        request.body = RequestBody(bytes)
        let call = IdempotentCall(
            caller: caller.id, key: key, fingerprint: Self.fingerprint(request, bytes), createdAt: now())
        if let earlier = try await claim(call) { return try replay(earlier, call) }
        do {
            let response = try await body(request)
            try await keep(response, of: call)
            return response
        } catch let problem as Problem {
            try await forget(call)
            throw problem
        }
    }

    /// Notes that the call is under way; the one that came before under the same key, if any.
    private func claim(_ call: IdempotentCall) async throws -> IdempotentCall? {
        try await catalog.write { transaction in
            try transaction.deleteIdempotentCalls(before: call.createdAt - Self.keptMilliseconds, limit: 16)
            if let earlier = try transaction.idempotentCall(caller: call.caller, key: call.key) { return earlier }
            try transaction.save(call)
            return nil
        }
    }

    private func replay(_ earlier: IdempotentCall, _ call: IdempotentCall) throws -> Response {
        guard earlier.fingerprint == call.fingerprint else { throw Problem.idempotencyKeyReused }
        guard let sealed = earlier.sealedAnswer else {
            throw call.createdAt - earlier.createdAt < Self.longestMilliseconds
                ? Problem.idempotencyUnderWay : Problem.idempotencyOutcomeUnknown
        }
        var response = try KeptAnswer(bytes: sealer.open(sealed, binding: Self.binding(earlier))).response
        response.headers.set("Idempotency-Replayed", "true")
        return response
    }

    private func keep(_ response: Response, of call: IdempotentCall) async throws {
        guard let answer = KeptAnswer(response) else { return try await forget(call) }
        var call = call
        call.sealedAnswer = try sealer.seal(answer.bytes, binding: Self.binding(call))
        try await catalog.write { [call] in try $0.save(call) }
    }

    private func forget(_ call: IdempotentCall) async throws {
        try await catalog.write { try $0.deleteIdempotentCall(caller: call.caller, key: call.key) }
    }

    private static func binding(_ call: IdempotentCall) -> String { "\(call.caller)/\(call.key)" }

    private static func fingerprint(_ request: Request, _ body: [UInt8]) -> [UInt8] {
        Digest.sha256(Array("\(request.method) \(request.target)\n".utf8) + body)
    }
}

/// An answer that can be given again: status, fields and bytes.
private struct KeptAnswer {
    let response: Response

    /// What was answered; nil for what was not carried out, and for bytes that come as they are made.
    init?(_ response: Response) {
        guard (200...299).contains(response.status.code) else { return nil }
        if case .stream = response.body { return nil }
        self.response = response
    }

    init(bytes: [UInt8]) throws {
        let kept = try JSONValue.parse(bytes, limits: JSONLimits(maximumBytes: .max))
        var headers = Headers()
        for field in kept["fields"]?.object?.members ?? [] {
            for value in field.value.array ?? [] { headers.add(field.key, value.string ?? "") }
        }
        let body = kept["body"]?.string.flatMap { Base64.decode($0) }
        response = Response(
            status: HTTPStatus(code: Int(kept["status"]?.integer ?? 500)), headers: headers,
            body: body.map { .bytes($0) } ?? .none)
    }

    var bytes: [UInt8] {
        var fields = JSONObject()
        for field in response.headers {
            fields[field.name] = .array((fields[field.name]?.array ?? []) + [.string(field.value)])
        }
        var kept: JSONObject = ["status": .integer(Int64(response.status.code)), "fields": .object(fields)]
        if case .bytes(let bytes) = response.body { kept["body"] = .string(Base64.encode(bytes)) }
        return kept.serialized()
    }
}
