import EventLoop
import HTTPServer
import HTTPWire
import Testing
import WebDocuments

@testable import Web

@Suite struct AssetNamesTests {
    @Test func `a name holds the digest of the content and changes with it`() {
        var names = AssetNames()
        let first = names.add(Array("a".utf8), as: "x.js", type: WebDocument.script).path
        let second = names.add(Array("b".utf8), as: "x.js", type: WebDocument.script).path
        #expect(first.hasPrefix("/assets/x-") && first.hasSuffix(".js"))
        #expect(first != second)
    }

    @Test func `references to earlier assets are filled in everywhere they stand`() {
        var names = AssetNames()
        let path = names.add(Array("a".utf8), as: "x.js", type: WebDocument.script).path
        #expect(names.resolve(Array("{{x.js}} and {{x.js}}".utf8)) == Array("\(path) and \(path)".utf8))
    }
}

@Suite struct WebPagesTests {
    private func get(_ path: String, _ headers: Headers = [:]) async -> Response {
        var router = Router(notFound: { _ in Response(status: .notFound) })
        WebPages(clientId: "client").addRoutes(to: &router)
        return await router.respond(
            to:
                Request(
                    method: .get, target: path, headers: headers,
                    peer: SocketAddress(ipBytes: [127, 0, 0, 1], port: 1)!))
    }

    private func text(_ response: Response) throws -> String {
        guard case .bytes(let bytes) = response.body else { throw Missing() }
        return String(decoding: bytes, as: UTF8.self)
    }

    private struct Missing: Error {}

    @Test(arguments: ["/", "/watch/abc"])
    func `everything a page refers to is served, and kept for a year`(page: String) async throws {
        let html = try text(await get(page))
        #expect(!html.contains("{{"))
        let assets = html.split(separator: "\"").filter { $0.hasPrefix("/assets/") }
        #expect(Set(assets).count == 3, "an icon, a style sheet and a script")
        for asset in assets {
            let answer = await get(String(asset))
            #expect(answer.status == .ok)
            #expect(answer.headers.first("Cache-Control") == "public, max-age=31536000, immutable")
            #expect(try !text(answer).contains("{{"))
        }
    }

    @Test func `a page names its icon, for a browser would ask for one that does not exist`() async throws {
        #expect(try text(await get("/")).contains(#"<link rel="icon""#))
    }

    @Test func `scripts use nothing that browsers withhold from plain http`() async throws {
        let html = try text(await get("/watch/abc"))
        let script = try #require(html.split(separator: "\"").first { $0.hasSuffix(".js") })
        #expect(try !text(await get(String(script))).contains("randomUUID("))
    }

    @Test func `a page that has not changed is confirmed without a body`() async throws {
        let first = await get("/")
        let etag = try #require(first.headers.first("ETag"))
        #expect(await get("/", ["If-None-Match": etag]).status == .notModified)
        #expect(await get("/", ["If-None-Match": "\"other\", W/\(etag)"]).status == .notModified)
    }
}
