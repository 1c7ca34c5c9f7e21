import Crypto
import Daemon
import EventLoop
import HTTPWire
import TLS
import TestKit
import Testing
import WebFetch

@Suite struct WebFetchTests {
    private let directory = TemporaryDirectory()

    private static func answer(_ body: String, status: String = "200 OK", fields: String = "") -> String {
        "HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\n\(fields)Connection: close\r\n\r\n\(body)"
    }

    private func address(_ server: ScriptedServer, _ path: String = "/", scheme: String = "http") throws -> HTTPURL {
        try #require(HTTPURL("\(scheme)://127.0.0.1:\(server.address.port)\(path)"))
    }

    private func failure(_ fetch: WebFetch, _ request: WebRequest) async throws -> WebFetchFailed {
        let error = await #expect(throws: WebFetchFailed.self) { try await fetch.fetch(request) }
        return try #require(error)
    }

    /// What a server of TLS gets to see: nothing, where the certificate is not trusted.
    private func secureServer(for host: String) throws -> (server: ScriptedServer, authorities: String) {
        let certificate = try SelfSignedCertificate.make(hosts: [host])
        let context = try TLSServerContext(certificatePEM: certificate.certificatePEM, keyPEM: certificate.keyPEM)
        let file = directory.file("\(host).pem")
        try File.writeAtomically(Array(certificate.certificatePEM.utf8), to: file, mode: 0o600)
        let server = try ScriptedServer { connection in
            guard connection.startTLS(context) else { return }
            _ = connection.receive(until: "\r\n\r\n")
            connection.send(Self.answer("secure"))
        }
        return (server, file)
    }

    @Test func `an answer is status and body, whatever the status`() async throws {
        let server = try ScriptedServer { connection in
            let head = connection.receive(until: "\r\n\r\n")
            connection.send(Self.answer(head, status: "404 Not Found"))
        }
        let answer = try await WebFetch().fetch(
            WebRequest(address(server, "/a?b=c"), headers: [.init("Authorization", "Bearer x")]))
        let head = String(decoding: answer.body, as: UTF8.self)
        #expect(answer.status == 404)
        #expect(head.hasPrefix("GET /a?b=c HTTP/1.1\r\n"))
        #expect(head.contains("\r\nAuthorization: Bearer x\r\n"))
        #expect(head.contains("\r\nUser-Agent: weir\r\n"))
    }

    @Test func `a form is posted at once`() async throws {
        let server = try ScriptedServer { connection in
            let request = connection.receiveResponse()
            connection.send(Self.answer("\(request.head)\(request.body)"))
        }
        let form = Query(items: [.init(name: "a b", value: "c&d"), .init(name: "e", value: "ü")])
        let answer = try await WebFetch().fetch(WebRequest(address(server), form: form))
        let text = String(decoding: answer.body, as: UTF8.self)
        #expect(text.hasPrefix("POST / "))
        #expect(text.contains("\r\nContent-Type: application/x-www-form-urlencoded\r\n"))
        #expect(text.hasSuffix("\r\n\r\na%20b=c%26d&e=%C3%BC"))
        #expect(!text.contains("Expect"))
    }

    @Test func `a redirect is an answer and nobody else is asked`() async throws {
        let other = try ScriptedServer { $0.send(Self.answer("other")) }
        let server = try ScriptedServer { connection in
            _ = connection.receive(until: "\r\n\r\n")
            connection.send(
                Self.answer("", status: "302 Found", fields: "Location: http://127.0.0.1:\(other.address.port)/\r\n"))
        }
        #expect(try await WebFetch().fetch(WebRequest(address(server))).status == 302)
        #expect(other.connections == 0)
    }

    @Test func `more than a quarter of a mebibyte is no answer, announced or not`() async throws {
        let body = String(repeating: "x", count: WebFetch.maximumBodyBytes + 1)
        for head in ["Content-Length: \(body.utf8.count)\r\n", ""] {
            let server = try ScriptedServer { connection in
                _ = connection.receive(until: "\r\n\r\n")
                connection.send("HTTP/1.1 200 OK\r\n\(head)Connection: close\r\n\r\n\(body)")
            }
            let refusal = try await failure(WebFetch(), WebRequest(address(server)))
            #expect(refusal.reason == "the answer has more than 262144 bytes")
        }
    }

    @Test func `a silent server is given up`() async throws {
        let server = try ScriptedServer { _ = $0.receiveAll() }
        let refusal = try await failure(WebFetch(timeout: .milliseconds(200)), WebRequest(address(server)))
        #expect(refusal.reason.contains("timed out"))
        #expect(refusal.server == "127.0.0.1:\(server.address.port)")
    }

    @Test func `a certificate is verified, name and signer`() async throws {
        let good = try secureServer(for: "127.0.0.1")
        let answer = try await WebFetch(authorities: good.authorities)
            .fetch(WebRequest(address(good.server, scheme: "https")))
        #expect(answer == WebAnswer(status: 200, body: Array("secure".utf8)))
        let other = try secureServer(for: "other.test")
        for authorities in [nil, other.authorities, good.authorities] {
            _ = try await failure(
                WebFetch(authorities: authorities), WebRequest(address(other.server, scheme: "https")))
        }
    }

    @Test(arguments: ["http://192.0.2.1/", "http://example.com/", "https://host\\127.0.0.1/"])
    func `nothing is asked in clear over a network, nor of a host that could be another`(text: String) async throws {
        let refusal = try await failure(WebFetch(), WebRequest(try #require(HTTPURL(text))))
        #expect(refusal.reason == "it would be asked in clear")
    }
}
