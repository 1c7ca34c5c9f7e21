import HTTPServer
import HTTPWire
import JSON
import TestKit
import Testing

@testable import Edge

/// Responses that depend on request fields (RFC 9111 §4.1).
@Suite struct VaryTests {
    /// Answers in the language asked for first, and says so.
    private func speak(_ world: World, vary: String = "Accept-Language", lifetime: Int = 600) {
        world.origin.answer("/open/a") { request in
            let language = request.headers.first("Accept-Language")?.prefix(2) ?? "en"
            return Response(
                status: .ok,
                headers: [
                    "Cache-Control": "max-age=\(lifetime)", "Vary": vary, "ETag": "\"\(language)\"",
                    "Cache-Tag": "page,page:\(language)",
                ], body: .bytes(Array("hello \(language)".utf8)))
        }
    }

    private func get(_ world: World, _ language: String?) async throws -> Answer {
        try await world.get("/open/a", headers: language.map { ["Accept-Language": $0] } ?? [:])
    }

    /// Asks until the store answers.
    private func untilHit(_ world: World, _ language: String?) async throws {
        let isHit = try await eventually { try await self.get(world, language).cache == "Hit from weir" }
        if !isHit { throw Unexpected(what: "\(language ?? "no language") was never stored") }
    }

    @Test func `every language gets its own response, from the store the second time`() async throws {
        try await withWorld { world async throws in
            speak(world)
            for language in ["de", "fr", nil] {
                #expect(try await get(world, language).text == "hello \(language ?? "en")")
                try await untilHit(world, language)
            }
            let asked = world.origin.count("/open/a")
            for (language, text) in [
                ("de", "hello de"), ("DE ; q=0.9, fr;q=0", "hello de"), ("fr", "hello fr"), (nil, "hello en"),
            ]
                as [(String?, String)]
            {
                let answer = try await get(world, language)
                #expect(answer.text == text)
                #expect(answer.cache == "Hit from weir")
                #expect(answer.headers.first("Vary") == "Accept-Language")
            }
            #expect(world.origin.count("/open/a") == asked)
            #expect(try await get(world, "it").headers.first("Cache-Status") == "weir; fwd=vary-miss; stored")
            let explained = try await world.admin("/explain?url=/open/a", method: .get).document
            #expect(explained["state"]?.string == "varies")
            #expect(explained["variesBy"]?.string == "accept-language")
        }
    }

    @Test func `the origin hears the normal form, and of no field it does not vary by`() async throws {
        try await withWorld { world async throws in
            speak(world)
            _ = try await get(world, "en")
            try await untilHit(world, "en")
            _ = try await world.get(
                "/open/a",
                headers: ["Accept-Language": " de , EN;q=0.3", "X-Forwarded-Host": "evil.example", "X-A": "1"])
            let request = try #require(world.origin.requests("/open/a").last)
            #expect(request.headers.first("Accept-Language") == "de,en;q=0.9")
            #expect(!request.headers.contains("X-A") && !request.headers.contains("X-Forwarded-Host"))
            #expect(request.query == nil)
        }
    }

    @Test func `clients that wait together each get the response that is theirs`() async throws {
        try await withWorld { world async throws in
            let gate = Gate()
            world.origin.answer("/open/a") { request in
                await gate.wait()
                let language = request.headers.first("Accept-Language") ?? "en"
                return Response(
                    status: .ok, headers: ["Cache-Control": "max-age=60", "Vary": "accept-language"],
                    body: .bytes(Array(language.utf8)))
            }
            try await withThrowingTaskGroup(of: (String?, String).self) { group in
                for index in 0..<30 {
                    let language = ["de", "fr", nil][index % 3]
                    group.addTask { (language, try await self.get(world, language).text) }
                }
                #expect(await eventually { world.origin.count("/open/a") == 1 })
                gate.open()
                for try await (language, text) in group { #expect(text == language ?? "en") }
            }
            #expect(world.origin.count("/open/a") == 3)
        }
    }

    @Test func `a star or a cookie keeps a response out`() async throws {
        for vary in ["*", "Accept-Language, *", "Cookie", "Authorization, Accept-Language"] {
            try await withWorld { world async throws in
                speak(world, vary: vary)
                for _ in 0..<3 { #expect(try await get(world, "de").text == "hello de") }
                #expect(world.origin.count("/open/a") >= 3)
            }
        }
    }

    @Test func `what the edge decides itself makes no variants`() async throws {
        try await withWorld { world async throws in
            speak(world, vary: "Accept-Encoding, Host")
            _ = try await world.get("/open/a", headers: ["Accept-Encoding": "gzip"])
            try await world.untilStored("/open/a")
            #expect(try await world.get("/open/a", headers: ["Accept-Encoding": "br"]).cache == "Hit from weir")
            #expect(world.origin.count("/open/a") == 1)
        }
    }

    @Test(
        arguments: [
            ["urls": ["/open/a"]], ["prefixes": ["/open/"]], ["tags": ["page"]], ["all": true], ["tags": ["page:de"]],
        ] as [JSONValue])
    func `a purge covers every variant it names`(order: JSONValue) async throws {
        try await withWorld { world async throws in
            speak(world)
            for language in ["de", "fr"] { try await untilHit(world, language) }
            try await world.purge(order)
            #expect(try await get(world, "de").cache == "Miss from weir")
            let isFrenchCovered = order["tags"]?.array?.first?.string != "page:de"
            #expect(try await get(world, "fr").cache == (isFrenchCovered ? "Miss" : "Hit") + " from weir")
        }
    }

    @Test func `a variant is confirmed by its own validator`() async throws {
        try await withWorld { world async throws in
            speak(world, lifetime: 0)
            _ = try await get(world, "de")
            let isStored = try await eventually {
                _ = try await get(world, "de")
                return world.origin.requests("/open/a").last?.headers.first("If-None-Match") == "\"de\""
            }
            #expect(isStored)
            #expect(world.origin.requests("/open/a").last?.headers.first("Accept-Language") == "de")
        }
    }

    @Test func `a key has so many variants and no more`() async throws {
        try await withWorld { world async throws in
            world.origin.answer(
                "/open/a", [1], headers: ["Cache-Control": "max-age=60", "Vary": "X-Any"])
            _ = try await world.get("/open/a")
            for index in 0..<VariantBudget.limit + 3 {
                let headers: Headers = ["X-Any": "\(index)"]
                let answer = try await world.get("/open/a", headers: headers)
                #expect(answer.body == [1])
                if index >= VariantBudget.limit {
                    let expected = "weir; fwd=vary-miss; detail=too-many-variants"
                    #expect(answer.headers.first("Cache-Status") == expected)
                }
            }
        }
    }

    @Test func `a field too long to be a key is passed through`() async throws {
        try await withWorld { world async throws in
            speak(world, vary: "X-Any")
            _ = try await get(world, nil)
            try await untilHit(world, nil)
            let headers: Headers = ["X-Any": String(repeating: "x", count: 300)]
            #expect(
                try await world.get("/open/a", headers: headers).headers.first("Cache-Status") == "weir; fwd=vary-miss")
        }
    }
}
