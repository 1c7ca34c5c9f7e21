import Catalog
import HTTPServer
import HTTPWire
import JSON
import Testing

@testable import API

@Suite struct ImportTests {
    @Test func `an import is a video that waits for its file, and its owner's to see and to end`() async throws {
        let bench = try await Bench()
        let made = await bench.call(
            .post, "/imports", as: "token-anna",
            ["url": "https://files.test/a%20film.mp4?sig=x", "description": "d", "visibility": "unlisted"])
        #expect(made.status == .accepted && made.json["state"] == "queued" && made.json["receivedBytes"] == 0)
        let video = await bench.call(.get, "/videos/\(made.json["videoId"]?.string ?? "")", as: "token-anna").json
        #expect(video["title"] == "a film.mp4" && video["status"] == "awaiting_upload")
        #expect(video["visibility"] == "unlisted" && video["description"] == "d")
        let path = "/imports/\(made.json["importId"]?.string ?? "")"
        #expect(await bench.call(.get, path, as: "token-ben").code == "import_not_found")
        #expect(await bench.call(.delete, path, as: "token-ben").code == "import_not_found")
        #expect(await bench.call(.get, path, as: "token-admin").status == .ok)
        #expect(await bench.call(.delete, path, as: "token-anna").status == .noContent)
        #expect(await bench.call(.get, path, as: "token-anna").json["state"] == "cancelled")
        #expect(await bench.call(.delete, path, as: "token-anna").code == "import_over")
        #expect(await bench.status(of: made.json["videoId"]?.string ?? "") == "failed")
    }

    @Test(arguments: [
        "http://127.0.0.1/a.mp4", "http://[::1]/", "http://169.254.169.254/", "http://10.0.0.1:8080/",
        "file:///etc/passwd",
        "https://u:p@files.test/", "https://files.test:22/", "nonsense",
    ])
    func `an address that is not asked is refused, and no video is made`(_ url: String) async throws {
        let bench = try await Bench()
        let refused = await bench.call(.post, "/imports", as: "token-anna", ["url": .string(url)])
        #expect((refused.status, refused.code) == (.unprocessableContent, "import_refused_address"))
        #expect(refused.json["errors"]?[0]?["path"] == "$.url")
        #expect(await bench.call(.get, "/videos", as: "token-anna").json["items"] == [])
    }

    @Test(arguments: [[:], ["url": 7], ["url": "https://files.test/", "visibility": "secret"]] as [JSONValue])
    func `what cannot be is refused by its name`(_ body: JSONValue) async throws {
        let response = await (try await Bench()).call(.post, "/imports", as: "token-anna", body)
        #expect((response.status, response.code) == (.badRequest, "invalid_request"))
    }
}
