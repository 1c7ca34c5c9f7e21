import HTTPServer
import HTTPWire
import JSON
import Testing

@testable import API

@Suite struct CaptionTests {
    private static let subRip = "1\n00:00:01,000 --> 00:00:02,500\nGuten Tag\n"

    private func put(
        _ bench: Bench, _ path: String, as account: String? = "token-anna", _ text: String = Self.subRip,
        type: String = "application/x-subrip; charset=utf-8"
    ) async -> Response {
        await bench.call(.put, path, as: account, body: Array(text.utf8), fields: [("Content-Type", type)])
    }

    @Test func `an owner adds captions, replaces them and removes them`() async throws {
        let bench = try await Bench()
        let id = await bench.upload()
        try await bench.arrive(id)
        try await bench.transcode(id, until: .published)
        let path = "/videos/\(id)/captions"
        let made = await put(bench, path + "/DE-at?name=%C3%96sterreichisch&kind=captions")
        #expect(made.status == .created)
        #expect(made.json["language"] == "de-AT" && made.json["name"] == "Österreichisch")
        #expect(made.json["kind"] == "captions" && made.json["cues"] == 1 && made.json["published"] == true)
        let vtt = "WEBVTT\n\n00:01.000 --> 00:02.000\na\n\n00:03.000 --> 00:04.000\nb\n"
        let replaced = await put(bench, path + "/de-AT", vtt, type: "text/vtt")
        #expect(replaced.status == .ok && replaced.json["cues"] == 2 && replaced.json["name"] == nil)
        #expect(await bench.call(.get, path).json.array?.count == 1)
        let orders = try await bench.orders().compactMap { $0["purge"]?["prefixes"]?.array }
        #expect(orders.first == [.string("/media/\(id)/index.m3u8")] && orders.last?.count == 2)
        #expect(await bench.call(.delete, path + "/de-at", as: "token-anna").status == .noContent)
        #expect(await bench.call(.delete, path + "/de-at", as: "token-anna").code == "captions_not_found")
        #expect(await bench.call(.get, path).json == [])
    }

    @Test func `captions that come before the video wait for it`() async throws {
        let bench = try await Bench()
        let id = await bench.upload()
        let made = await put(bench, "/videos/\(id)/captions/de")
        #expect(made.status == .created && made.json["published"] == false)
        try await bench.arrive(id)
        try await bench.transcode(id, until: .published)
        #expect(await bench.call(.get, "/videos/\(id)/captions").json[0]?["published"] == true)
    }

    @Test func `captions are the owner's, and an administrator's change is in the log`() async throws {
        let bench = try await Bench()
        let id = await bench.upload(visibility: "private")
        let path = "/videos/\(id)/captions"
        #expect(await put(bench, path + "/de", as: nil).code == "unauthenticated")
        #expect(await put(bench, path + "/de", as: "token-ben").code == "video_not_found")
        #expect(await bench.call(.get, path, as: "token-ben").code == "video_not_found")
        #expect(await put(bench, path + "/de", as: "token-admin").status == .created)
        #expect(await bench.call(.delete, path + "/de", as: "token-ben").code == "video_not_found")
        let entries = await bench.call(.get, "/admin/audit", as: "token-admin").json["items"]?.array ?? []
        #expect(entries.contains { $0["action"] == "video_edited" && $0["actor"] == "user:sub-admin" })
        _ = await bench.call(.delete, "/videos/\(id)", as: "token-anna")
        #expect(await put(bench, path + "/en").code == "video_not_found")
    }

    @Test(arguments: ["d", "de_AT", "german-language-of-austria-and-more-than-that", "-de", "de-", "x-private"])
    func `what is no language is refused`(_ language: String) async throws {
        let bench = try await Bench()
        let refused = await put(bench, "/videos/\(await bench.upload())/captions/\(language)")
        #expect((refused.status, refused.code) == (.badRequest, "invalid_request"))
    }

    @Test func `what is no file of captions is refused with the reason`() async throws {
        let bench = try await Bench()
        let path = "/videos/\(await bench.upload())/captions/de"
        let wrong = await put(bench, path, "1\nHello\n")
        #expect((wrong.status, wrong.code) == (.unprocessableContent, "invalid_captions"))
        #expect(wrong.json["detail"]?.string?.hasPrefix("Line 2 ") == true)
        #expect(await put(bench, path, Self.subRip, type: "text/vtt").code == "invalid_captions")
        #expect(await put(bench, path, type: "application/json").code == "not_captions")
        #expect(await put(bench, path, String(repeating: "a", count: 1 << 20) + "b").code == "body_too_large")
        let long = "?name=" + String(repeating: "n", count: 65)
        for query in ["?kind=lyrics", "?name=%22", "?name=a%0Ab", long] {
            #expect(await put(bench, path + query).code == "invalid_request", "\(query)")
        }
        for query in ["?name=%20", "?name=a%E2%80%AEb"] {
            #expect(await put(bench, path + query).code == "unprocessable", "\(query)")
        }
    }
}
