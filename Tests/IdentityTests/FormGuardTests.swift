import EventLoop
import HTTPServer
import HTTPWire
import Testing

@testable import Identity

@Suite struct FormGuardTests {
    private func guarded() throws -> FormGuard {
        let sealer = try SecretSealer(keys: [[UInt8](repeating: 7, count: 32)], poolId: Pool.id)
        return FormGuard(sealer: sealer, publicURL: "https://weir.example", isSecure: true)
    }

    private func refusal(
        secret: String? = "secret", token: String?, _ headers: Headers = [:]
    ) throws -> FormGuard.Refusal? {
        let form = try guarded()
        var headers = headers
        if let secret { headers.set("Cookie", "\(form.cookie.name)=\(secret)") }
        let request = Request(method: .post, target: "/login", headers: headers, peer: .loopback(port: 1))
        return form.refusal(of: request, Query(items: token.map { [Query.Item(name: "form", value: $0)] } ?? []))
    }

    @Test func `a form is good with the token of the browser's own cookie and no other`() throws {
        let form = try guarded()
        let token = form.token(for: "secret")
        #expect(try refusal(token: token) == nil)
        for wrong in [nil, "", "x", String(token.dropLast()), token + "A", form.token(for: "other"), "secret"] {
            #expect(try refusal(token: wrong) == .token)
        }
        #expect(try refusal(secret: nil, token: token) == .token)
        #expect(try refusal(secret: "other", token: token) == .token)
    }

    @Test func `a form that another site sent is refused though its token is good`() throws {
        let token = try guarded().token(for: "secret")
        for site in ["cross-site", "same-site", "none", ""] {
            #expect(try refusal(token: token, ["Sec-Fetch-Site": site]) == .site)
        }
        for origin in ["null", "https://evil.example", "https://weir.example.evil", "https://weir.example:8443", ""] {
            #expect(try refusal(token: token, ["Host": "127.0.0.1:9000", "Origin": origin]) == .site)
        }
        #expect(try refusal(token: token, ["Sec-Fetch-Site": "same-origin"]) == nil)
        #expect(try refusal(token: token, ["Origin": "https://weir.example"]) == nil)
        #expect(try refusal(token: token, ["Host": "192.0.2.7:8080", "Origin": "http://192.0.2.7:8080"]) == nil)
        let forwarded: Headers = [
            "Host": "127.0.0.1:9000", "X-Forwarded-Host": "weir.local", "Origin": "http://weir.local",
        ]
        #expect(try refusal(token: token, forwarded) == nil)
        let otherScheme: Headers = [
            "Host": "weir.example", "X-Forwarded-Proto": "https", "Origin": "http://weir.example",
        ]
        #expect(try refusal(token: token, otherScheme) == .site)
    }

    @Test func `a browser without the cookie gets a new one that cannot be guessed`() throws {
        let form = try guarded()
        let request = Request(method: .get, target: "/login", peer: .loopback(port: 1))
        let (first, second) = (form.secret(of: request), form.secret(of: request))
        #expect(first.isNew && first.text != second.text && first.text.utf8.count == 43)
    }

    @Test func `pages run no script, are in no frame, and are not kept`() {
        let response = PageLook.error(.badRequest, "A <title>", "Because of \"this\".")
        #expect(response.status == .badRequest)
        let policy = response.headers.first("Content-Security-Policy") ?? ""
        for part in ["default-src 'none'", "frame-ancestors 'none'", "form-action 'self'", "base-uri 'none'"] {
            #expect(policy.contains(part))
        }
        #expect(!policy.contains("script-src") && !policy.contains("unsafe"))
        #expect(response.headers.first("X-Frame-Options") == "DENY")
        #expect(response.headers.first("X-Content-Type-Options") == "nosniff")
        #expect(response.headers.first("Referrer-Policy") == "same-origin")
        #expect(response.headers.first("Cache-Control") == "no-store")
        guard case .bytes(let bytes) = response.body else { return }
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.contains("<h1>A &lt;title&gt;</h1>") && text.contains("Because of &quot;this&quot;."))
        #expect(text.contains("<title>Error: A &lt;title&gt; – Weir</title>"))
    }
}
