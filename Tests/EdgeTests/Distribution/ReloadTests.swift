import HTTPServer
import HTTPWire
import JSON
import Synchronization
import TestKit
import Testing

@testable import Edge

/// A reload is one step for every request.
@Suite struct ReloadTests {
    private final class Observed: Sendable {
        let isOver = Mutex(false)
        let answers = Mutex<Set<String>>([])
    }

    /// What a request meets in several places of the edge: its behavior's origin path and policy, its headers, its key.
    private static func distribution(_ version: String) -> JSONValue {
        World.distribution(
            policy: [
                "ParametersInCacheKeyAndForwardedToOrigin": [
                    "HeadersConfig": ["HeaderBehavior": "whitelist", "Headers": [.string("X-Key-\(version)")]]
                ]
            ],
            behavior: ["ResponseHeadersPolicyId": "open"],
            headers: ["CustomHeaders": [["Header": "X-Version", "Value": .string(version)]]],
            top: [
                "Origins": [
                    ["Id": "media", "OriginAccessControl": ["SigningBehavior": "always"]],
                    ["Id": "app", "OriginPath": .string("/\(version)")],
                ]
            ])
    }

    @Test func `under traffic no request is answered by two configurations`() async throws {
        try await withWorld(distribution: Self.distribution("a")) { world async throws in
            for number in 0..<1000 {
                for version in ["a", "b"] {
                    world.origin.answer("/\(version)/open/\(number)") { request in
                        let keys = ["a", "b"].filter { request.headers.contains("X-Key-\($0)") }.joined()
                        return Response(
                            status: .ok, headers: ["Cache-Control": "max-age=600"],
                            body: .bytes(Array("\(version)\(keys)".utf8)))
                    }
                }
            }
            let observed = Observed()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for client in 0..<8 {
                    group.addTask {
                        for number in 0..<1000 where !observed.isOver.withLock({ $0 }) {
                            let answer = try await world.get(
                                "/open/\((number * 7 + client) % 1000)", headers: ["X-Key-a": "1", "X-Key-b": "1"])
                            let version = answer.headers.first("X-Version") ?? "none"
                            _ = observed.answers.withLock { $0.insert("\(version):\(answer.text)") }
                        }
                    }
                }
                for round in 1...10 {
                    world.write(Self.distribution(round % 2 == 0 ? "a" : "b"), to: "distribution.json")
                    #expect(try await world.admin("/reload").status == 200)
                }
                observed.isOver.withLock { $0 = true }
                try await group.waitForAll()
            }
            #expect(observed.answers.withLock { $0 } == ["a:aa", "b:bb"])
        }
    }
}
