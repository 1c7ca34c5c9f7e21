import AccessSigning
import Bytes
import Catalog
import Crypto
import HTTPServer
import HTTPWire
import JSON
import TestKit
import Testing

@testable import API

@Suite struct PlaybackTests {
    @Test func `playback sets three cookies for the video's media and nothing else`() async throws {
        let bench = try await Bench()
        let id = try await bench.playing()
        let response = await bench.call(.post, "/videos/\(id)/playback", [:])
        #expect(response.status == .ok)
        #expect(response.json["manifestUrl"]?.string == "http://edge.test/media/\(id)/index.m3u8")
        #expect(response.json["expiresAt"]?.string == ISO8601.extended(bench.clock.now / 1_000 + 14_400))
        let cookies = response.headers.values("Set-Cookie")
        #expect(cookies.count == 3)
        for cookie in cookies {
            #expect(cookie.contains("; Path=/media/\(id)/;") && cookie.contains("; HttpOnly"))
            #expect(cookie.contains("; SameSite=Lax") && !cookie.contains("Secure"))
        }
        let policy = try #require(value(of: "CloudFront-Policy", in: cookies))
        let text = try #require(Base64.decode(policy, alphabet: .cloudFront))
        let parsed = try #require(CloudFrontPolicy(parsing: text))
        #expect(parsed.resource == "http*://*/media/\(id)/*" && parsed.expires == bench.clock.now / 1_000 + 14_400)
        let signed = try #require(value(of: "CloudFront-Signature", in: cookies))
        let signature = try #require(Base64.decode(signed, alphabet: .cloudFront))
        let key = try Bench.signingKey.get().publicKey
        #expect(key.verify(signature: signature, message: text, digest: .sha1))
        #expect(value(of: "CloudFront-Key-Pair-Id", in: cookies) == "K2WEIR")
    }

    @Test func `a thumbnail has a signed address of its own, the same for an hour`() async throws {
        let bench = try await Bench()
        let id = try await bench.playing()
        let bare = await bench.call(.get, "/videos/\(id)").json
        #expect(bare["thumbnailUrl"] == .null)
        try await bench.catalog.write { transaction in
            var video = try #require(try transaction.video(id: id))
            video.poster = "poster/00003.jpg"
            try transaction.save(video)
        }
        let page = await bench.call(.get, "/videos").json
        let url = try #require(page["items"]?[0]?["thumbnailUrl"]?.string)
        let parts = url.split(separator: "?").map(String.init)
        #expect(parts[0] == "http://edge.test/media/\(id)/poster/00003.jpg")
        let fields = Dictionary(
            uniqueKeysWithValues: parts[1].split(separator: "&").map { pair in
                let sides = pair.split(separator: "=", maxSplits: 1).map(String.init)
                return (sides[0], sides[1])
            })
        let left = try #require(fields["Expires"].flatMap { Int64($0) }) - bench.clock.now / 1_000
        #expect((3_600...7_200).contains(left) && fields["Signature"] != nil && fields["Key-Pair-Id"] == "K2WEIR")
        #expect(await bench.call(.get, "/videos/\(id)").json["thumbnailUrl"]?.string == url)
    }

    @Test func `the cookies are secure where the viewer's connection is`() async throws {
        let forwarded = try await Bench()
        let first = try await forwarded.playing()
        let answer = await forwarded.call(
            .post, "/videos/\(first)/playback", fields: [("X-Forwarded-Proto", "https")])
        #expect(answer.headers.values("Set-Cookie").allSatisfy { $0.contains("; Secure") })
        let configured = try await Bench(publicURL: "https://tv.example")
        let second = try await configured.playing()
        let other = await configured.call(.post, "/videos/\(second)/playback")
        #expect(other.headers.values("Set-Cookie").allSatisfy { $0.contains("; Secure") })
    }

    @Test func `a viewer on TLS gets a manifest on TLS, for the cookies are Secure`() async throws {
        let plain = try await Bench()
        let id = try await plain.playing()
        func manifest(_ bench: Bench, _ id: String, _ fields: [(String, String)]) async -> String? {
            await bench.call(.post, "/videos/\(id)/playback", fields: fields).json["manifestUrl"]?.string
        }
        let secure = ("X-Forwarded-Proto", "https")
        #expect(
            await manifest(plain, id, [secure, ("X-Forwarded-Host", "tv.test:8443")])
                == "https://tv.test:8443/media/\(id)/index.m3u8")
        for host in ["evil/path", "user@evil", "", "a b"] {
            #expect(
                await manifest(plain, id, [secure, ("X-Forwarded-Host", host)])
                    == "http://edge.test/media/\(id)/index.m3u8")
        }
        #expect(
            await manifest(plain, id, [("X-Forwarded-Host", "tv.test")]) == "http://edge.test/media/\(id)/index.m3u8")
        let configured = try await Bench(publicURL: "https://tv.example")
        let other = try await configured.playing()
        #expect(
            await manifest(configured, other, [secure, ("X-Forwarded-Host", "inside.test")])
                == "https://tv.example/media/\(other)/index.m3u8")
    }

    @Test func `a shorter life is granted, a longer one is not`() async throws {
        let bench = try await Bench()
        let id = try await bench.playing()
        for (asked, granted) in [(60, 60), (1_000_000, 14_400)] as [(Int64, Int64)] {
            let response = await bench.call(.post, "/videos/\(id)/playback", ["ttlSeconds": .integer(asked)])
            #expect(response.json["expiresAt"]?.string == ISO8601.extended(bench.clock.now / 1_000 + granted))
        }
        #expect(await bench.call(.post, "/videos/\(id)/playback", ["ttlSeconds": 0]).status == .badRequest)
        #expect(await bench.call(.post, "/videos/\(id)/playback", ["mode": "header"]).code == "invalid_request")
    }

    @Test func `mode url answers a manifest that carries its own grant and sets no cookies`() async throws {
        let bench = try await Bench()
        let id = try await bench.playing()
        let response = await bench.call(.post, "/videos/\(id)/playback", ["mode": "url", "ttlSeconds": 60])
        #expect(response.status == .ok)
        #expect(response.headers.values("Set-Cookie").isEmpty)
        #expect(response.json["expiresAt"]?.string == ISO8601.extended(bench.clock.now / 1_000 + 60))
        let parts = try #require(response.json["manifestUrl"]?.string).split(separator: "?")
        #expect(parts.count == 2 && parts[0] == "http://edge.test/media/\(id)/index.m3u8")
        let verifier = SignedAccessVerifier(keys: ["K2WEIR": try Bench.signingKey.get().publicKey])
        let now = bench.clock.now / 1_000
        for (path, time, isOpen) in [
            ("/media/\(id)/index.m3u8", now, true), ("/media/\(id)/720p/00001.m4s", now + 59, true),
            ("/media/\(id)/index.m3u8", now + 60, false), ("/media/other/index.m3u8", now, false),
        ] {
            #expect(Self.isOpen(path, query: String(parts[1]), at: time, verifier) == isOpen, "\(path) at \(time)")
        }
    }

    @Test func `two viewers who begin in the same second have grants of their own`() async throws {
        let bench = try await Bench()
        let id = try await bench.playing()
        var policies: Set<String> = []
        for _ in 0..<20 {
            let cookies = await bench.call(.post, "/videos/\(id)/playback").headers.values("Set-Cookie")
            policies.insert(try #require(value(of: "CloudFront-Policy", in: cookies)))
        }
        #expect(policies.count == 20)
    }

    static func isOpen(_ path: String, query: String, at time: Int64, _ verifier: SignedAccessVerifier) -> Bool {
        var memo = AccessMemo()
        return Array("edge.test".utf8).withUnsafeBytes { host in
            Array(path.utf8).withUnsafeBytes { path in
                Array(query.utf8).withUnsafeBytes { query in
                    let request = AccessRequest(
                        isTLS: false, host: host, path: path, query: query, cookieField: nil, peer: nil,
                        nowEpochSeconds: time)
                    return verifier.check(request, cookies: { SignedCookies() }, memo: &memo).isAllowed
                }
            }
        }
    }

    @Test func `what does not play yet opens nothing`() async throws {
        let bench = try await Bench()
        let id = await bench.upload()
        let response = await bench.call(.post, "/videos/\(id)/playback", [:])
        #expect((response.status, response.code) == (409, "not_playable"))
        #expect(response.headers.values("Set-Cookie").isEmpty)
    }

    private func value(of name: String, in cookies: [String]) -> String? {
        cookies.first { $0.hasPrefix(name + "=") }.map { String($0.dropFirst(name.count + 1).prefix { $0 != ";" }) }
    }
}
