import Crypto
import EventLoop
import HTTPServer
import HTTPWire
import JSON
import Synchronization
import Telemetry
import TestKit
import Testing

@testable import Edge

/// The origin's side of a control log that is all about keys.
private final class KeyLog: Sendable {
    private struct State {
        var logId = "L"
        /// The sets of keys, from the first entry on.
        var entries: [JSONValue] = []
        var questions: [String] = []
        var acknowledged: Int64 = 0
        var isAway = false
    }

    private let state = Mutex(State())
    private let changed = Doorbell()

    static let path = "/edges/e1/log"

    /// Appends an order: group by group, the keys that count from now on.
    @discardableResult
    func append(_ groups: [String: [(id: String, key: PrivateKey)]]) -> Int64 {
        defer { changed.ring() }
        return state.withLock { state in
            state.entries.append(Self.document(groups))
            return Int64(state.entries.count)
        }
    }

    func goAway() { state.withLock { $0.isAway = true } }

    var questions: [String] { state.withLock { $0.questions } }

    /// Returns once the edge has asked for what is behind `sequence`.
    func acknowledged(_ sequence: Int64) async throws {
        while state.withLock({ $0.acknowledged }) < sequence { try await Task.sleep(for: .milliseconds(2)) }
    }

    func answer(_ request: Request) async -> Response {
        let query = Query(request.query ?? "")
        let after = query?.first("after").flatMap { Int64($0) }
        let lacksKeys = query?.contains("keys") ?? false
        let rings = changed.rings
        let end = state.withLock { state in
            state.questions.append(request.query ?? "")
            if let after { state.acknowledged = after }
            return Int64(state.entries.count)
        }
        if state.withLock({ $0.isAway }) { return .text(.serviceUnavailable, "away\n") }
        if let after, after == end, !lacksKeys, query?.first("wait") != "0" {
            await changed.wait(after: rings, upTo: .seconds(20))
        }
        return state.withLock { state in
            let latest = Int64(state.entries.count)
            var body: JSONObject = ["log": .string(state.logId), "latest": .integer(latest)]
            let isLost = query?.first("log").map { $0 != state.logId } ?? false
            if lacksKeys || after == nil || isLost { body["keys"] = state.entries.last ?? .null }
            guard !isLost else { return .json(.gone, .object(body)) }
            let behind = after.map { Int($0)..<state.entries.count } ?? 0..<0
            body["entries"] = .array(
                behind.map { ["sequence": .integer(Int64($0 + 1)), "order": ["keys": state.entries[$0]]] })
            return .json(.ok, .object(body))
        }
    }

    static func document(_ groups: [String: [(id: String, key: PrivateKey)]]) -> JSONValue {
        var members: JSONObject = [:]
        for (group, keys) in groups {
            members[group] = .array(
                keys.map { ["id": .string($0.id), "publicKey": .string($0.key.publicKey.pem)] })
        }
        return ["groups": .object(members)]
    }
}

/// What stands beside the cache of an edge.
private final class Beside: Sendable {
    private let contents: Mutex<[String: [UInt8]]>

    init(position: String? = nil, keys: [UInt8]? = nil) {
        contents = Mutex(["position": position.map { Array("\($0)\n".utf8) }, "keys": keys].compactMapValues { $0 })
    }

    var keys: [UInt8]? { contents.withLock { $0["keys"] } }

    var files: ControlFiles {
        func file(_ name: String) -> ControlFile {
            ControlFile(
                read: { [self] in contents.withLock { $0[name] } },
                write: { [self] bytes in contents.withLock { $0[name] = bytes } })
        }
        return ControlFiles(position: file("position"), keys: file("keys"))
    }
}

@Suite struct LearntKeysTests {
    private static let second = Result { try PrivateKey.generateP256() }
    private let object = "/media/v1/a"

    /// An edge that follows a log, with `K1` configured and whatever the log says.
    private func withFollower(
        _ log: KeyLog, _ beside: Beside = Beside(), _ body: (World, PrivateKey) async throws -> Void
    ) async throws {
        try await withWorld(
            configure: { document in
                document["control"] = [
                    "url": document["origins"]?["app"]?["url"] ?? .null, "edgeId": "e1", "accessKeyId": "AK",
                    "secretAccessKey": "secret",
                ]
            },
            { world in
                world.origin.answer("/bucket" + object, [1])
                world.origin.answer(KeyLog.path) { await log.answer($0) }
                try world.edge.followOrigin(beside.files, catchingUpWithin: .seconds(20))
                try await body(world, try Self.second.get())
            })
    }

    /// What a viewer gets whose cookies name the key `id`.
    private func expect(
        _ status: Int, _ world: World, id: String, key: PrivateKey = World.key,
        at location: SourceLocation = #_sourceLocation
    ) async throws {
        let cookies = try World.cookies("http*://*/media/*", keyPairId: id, key: key)
        let found = try await world.get(object, headers: ["Cookie": cookies]).status
        #expect(found == status, sourceLocation: location)
    }

    @Test func `the origin's keys take the place of the configured ones of that group`() async throws {
        let log = KeyLog()
        log.append(["playback": [("K2", try Self.second.get())]])
        try await withFollower(log) { world, key in
            try await expect(200, world, id: "K2", key: key)
            try await expect(403, world, id: "K1")
            #expect(try await world.metric(EdgeMetricTable.controlKeys) == 1)
        }
    }

    @Test func `a group the origin does not name stays as it is configured`() async throws {
        let log = KeyLog()
        log.append(["another": [("K2", try Self.second.get())]])
        try await withFollower(log) { world, key in
            try await expect(200, world, id: "K1")
            try await expect(403, world, id: "K2", key: key)
        }
    }

    @Test func `once an edge has acknowledged keys it serves by no others, also on a connection it knows`() async throws
    {
        let log = KeyLog()
        let both = [("K1", World.key), ("K2", try Self.second.get())]
        log.append(["playback": both])
        try await withFollower(log) { world, key in
            for id in ["K1", "K2", "K1", "K2"] {
                try await expect(200, world, id: id, key: id == "K1" ? World.key : key)
            }
            try await log.acknowledged(log.append(["playback": [both[1]]]))
            for _ in 1...4 { try await expect(403, world, id: "K1") }
            try await expect(200, world, id: "K2", key: key)
            try await log.acknowledged(log.append(["playback": []]))
            try await expect(403, world, id: "K2", key: key)
            try await log.acknowledged(log.append(["playback": both]))
            try await expect(200, world, id: "K1")
        }
    }

    @Test func `an edge that starts while its origin is away verifies with the keys it had`() async throws {
        let document = KeyLog.document(["playback": [("K2", try Self.second.get())]])
        let had = try LearntKeys(document, at: LogPosition(logId: "L", sequence: 3))
        let log = KeyLog()
        log.goAway()
        try await withFollower(log, Beside(position: "L 3", keys: had.stored)) { world, key in
            try await expect(200, world, id: "K2", key: key)
            try await expect(403, world, id: "K1")
        }
    }

    @Test(arguments: [nil, "damaged"]) func `an edge without keys on its disk asks for all of them`(
        _ stored: String?
    ) async throws {
        let log = KeyLog()
        log.append(["playback": [("K1", World.key)]])
        log.append(["playback": [("K2", try Self.second.get())]])
        let beside = Beside(position: "L 2", keys: stored.map { Array($0.utf8) })
        try await withFollower(log, beside) { world, key in
            #expect(log.questions.first?.contains("after=2") == true && log.questions.first?.hasSuffix("&keys") == true)
            try await expect(200, world, id: "K2", key: key)
            try await expect(403, world, id: "K1")
            #expect(beside.keys.flatMap(LearntKeys.init(stored:))?.position == LogPosition(logId: "L", sequence: 2))
            try await log.acknowledged(2)
            #expect(log.questions.dropFirst().allSatisfy { !$0.contains("keys") })
        }
    }

    @Test func `an edge that follows another log than before has that log's keys`() async throws {
        let old = try LearntKeys(
            KeyLog.document(["playback": [("K1", World.key)]]), at: LogPosition(logId: "OLD", sequence: 9))
        let log = KeyLog()
        log.append(["playback": [("K2", try Self.second.get())]])
        try await withFollower(log, Beside(position: "OLD 9", keys: old.stored)) { world, key in
            try await expect(200, world, id: "K2", key: key)
            try await expect(403, world, id: "K1")
        }
    }

    @Test func `keys that came ahead of their entry are not replaced by older ones`() async throws {
        let log = KeyLog()
        log.append(["playback": []])
        log.append(["playback": [("K1", World.key)]])
        log.append(["playback": [("K2", try Self.second.get())]])
        try await withFollower(log, Beside(position: "L 1")) { world, key in
            try await log.acknowledged(3)
            try await expect(200, world, id: "K2", key: key)
            #expect(world.log.lines.count { $0.contains("the origin's keys are in force") } == 1)
        }
    }
}

@Suite struct LearntKeysDocumentTests {
    private let place = LogPosition(logId: "L", sequence: 4)

    @Test func `keys survive the disk`() throws {
        let document = KeyLog.document(["a": [("K1", World.key)], "b": []])
        let keys = try LearntKeys(document, at: place)
        let again = try #require(LearntKeys(stored: keys.stored))
        #expect(again.position == place && again.summary == "a: K1; b: ")
        #expect(again.groups["a"]?["K1"]?.pem == World.key.publicKey.pem)
        #expect(again.groups["b"]?.isEmpty == true)
    }

    @Test func `a key of an unknown kind is named and not trusted`() throws {
        let keys = try LearntKeys(
            ["groups": ["a": [["id": "K9", "publicKey": "-----BEGIN SOMETHING-----"]]]], at: place)
        #expect(keys.unusable == ["K9"] && keys.count == 0)
    }

    @Test(arguments: [
        "{}", "[]", #"{"groups":[]}"#, #"{"groups":{"a":{}}}"#, #"{"groups":{"a":[{"id":"K"}]}}"#,
        #"{"groups":{"a":[{"publicKey":"K"}]}}"#,
    ])
    func `anything else is no set of keys`(_ text: String) throws {
        let document = try JSONValue.parse(Array(text.utf8))
        #expect(throws: LearntKeys.Refused.self) { try LearntKeys(document, at: place) }
        #expect(LearntKeys(stored: Array(text.utf8)) == nil)
    }
}
