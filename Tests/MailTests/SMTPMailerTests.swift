import Daemon
import EventLoop
import TestKit
import Testing

@testable import Mail

@Suite struct SMTPMailerTests {
    private static let account = (user: "weir", password: "a secret, für uns")
    private let directory = TemporaryDirectory()

    private func message(_ text: String = "Hello", to recipient: String = "ann@example.com") throws -> MailMessage {
        MailMessage(
            from: try #require(MailAddress("weir@videos.test", name: "Weir")), to: MailRecipient(recipient),
            content: MailContent(subject: "Hi", text: text), id: "id1", sentAt: 1_800_000_000_000)
    }

    /// A mailer that trusts the server's certificate and gives it ten seconds, unless told otherwise.
    private func mailer(
        for server: TestMailServer, _ security: MailServer.Security = .startTLS, signsIn: Bool = false,
        trusting authority: TestMailServer? = nil, seconds: Int = 10
    ) throws -> SMTPMailer {
        let file = directory.file("authorities.pem")
        let pem = (authority ?? server).certificate.certificatePEM
        try File.writeAtomically(Array(pem.utf8), to: file, mode: 0o600)
        return try SMTPMailer(
            server: MailServer(
                host: "127.0.0.1", port: server.port, security: security,
                credentials: signsIn
                    ? MailServer.Credentials(user: Self.account.user, password: Self.account.password) : nil,
                authorities: file, timeout: .seconds(seconds)))
    }

    private func refusal(_ mailer: SMTPMailer, _ message: MailMessage) async throws -> MailNotSent {
        let error = await #expect(throws: MailNotSent.self) { try await mailer.send(message) }
        return try #require(error)
    }

    @Test func `a message goes over STARTTLS by whoever has signed in`() async throws {
        let server = try TestMailServer(.init(account: Self.account))
        let message = try message()
        try await mailer(for: server, signsIn: true).send(message)
        #expect(
            server.messages == [
                TestMailServer.Accepted(
                    sender: "weir@videos.test", recipient: "ann@example.com", user: "weir", isEncrypted: true,
                    bytes: message.bytes)
            ])
        #expect(server.commands.prefix(2) == ["EHLO", "STARTTLS"])
    }

    @Test func `a message goes over TLS from the first byte, and in clear where that is wanted`() async throws {
        let secure = try TestMailServer(.init(offersTLS: false, beginsWithTLS: true))
        try await mailer(for: secure, .tls).send(message())
        #expect(secure.messages.map(\.isEncrypted) == [true])
        for security in [MailServer.Security.none, .startTLSIfOffered] {
            let plain = try TestMailServer(.init(offersTLS: false))
            try await mailer(for: plain, security).send(message())
            #expect(plain.messages.map(\.isEncrypted) == [false])
        }
        let offering = try TestMailServer()
        try await mailer(for: offering, .startTLSIfOffered).send(message())
        #expect(offering.messages.map(\.isEncrypted) == [true])
    }

    @Test(arguments: [true, false])
    func `nothing is said to a server without the TLS it must have`(isOffered: Bool) async throws {
        let server = try TestMailServer(
            .init(offersTLS: isOffered, account: Self.account, answers: ["STARTTLS": "454 4.7.0 not now"]))
        let refusal = try await refusal(mailer(for: server, signsIn: true), message())
        #expect(refusal.description.hasPrefix("127.0.0.1:\(server.port) was not given the message: STARTTLS"))
        #expect(Set(server.commands).isSubset(of: ["EHLO", "STARTTLS", "QUIT"]) && server.messages.isEmpty)
    }

    @Test func `a certificate of somebody else, or for another name, is refused before anything is said`() async throws
    {
        let server = try TestMailServer()
        let other = try TestMailServer(certifiedFor: ["other.test"])
        for (server, authority) in [(server, other), (other, other)] {
            let refusal = try await refusal(mailer(for: server, trusting: authority), message())
            #expect(refusal.reason.contains("SSL") && refusal.reply == nil)
            #expect(server.commands == ["EHLO", "STARTTLS"] && server.messages.isEmpty)
        }
    }

    @Test func `a refused password ends it, and is not in the error`() async throws {
        let server = try TestMailServer(.init(account: ("weir", "another one")))
        let refusal = try await refusal(mailer(for: server, signsIn: true), message())
        #expect(refusal.reply == "535 5.7.8 wrong name or password")
        #expect(!refusal.description.contains(Self.account.password))
        #expect(!server.commands.contains("MAIL"))
    }

    @Test(arguments: ["hello", "EHLO", "MAIL", "RCPT", "DATA", "."])
    func `a refusal is told in the server's words`(place: String) async throws {
        for words in ["451 4.3.0 try later", "550-5.7.1 who are you?\r\n550 5.7.1 go away"] {
            let server = try TestMailServer(.init(answers: [place: words, "HELO": words]))
            let refusal = try await refusal(mailer(for: server), message("The code is 123456"))
            #expect(refusal.server == "127.0.0.1:\(server.port)")
            #expect(refusal.reply.map { words.hasSuffix($0) } == true)
            #expect(!refusal.description.contains("123456") && !refusal.description.contains("\r"))
            #expect(server.messages.isEmpty)
        }
    }

    @Test(arguments: ["hello", "EHLO", "STARTTLS", "MAIL", "."])
    func `a server that says nothing is given up`(place: String) async throws {
        let server = try TestMailServer(.init(answers: [place: ""]))
        let began = ContinuousClock.now
        let refusal = try await refusal(mailer(for: server, seconds: 1), message())
        #expect(refusal.reason.lowercased().contains("time"))
        #expect(ContinuousClock.now - began < .seconds(5))
    }

    @Test func `a server that says no farewell has taken the message`() async throws {
        let server = try TestMailServer(.init(answers: ["QUIT": ""]))
        try await mailer(for: server, seconds: 1).send(message())
        #expect(server.messages.count == 1)
    }

    @Test func `lines of dots and texts of all scripts arrive as they are`() async throws {
        let server = try TestMailServer()
        let message = try message(".\n..\n.leading\n\n.\nGrüße, 你好, 👋\n." + String(repeating: "x", count: 200))
        try await mailer(for: server).send(message)
        #expect(server.messages.map(\.bytes) == [message.bytes])
    }

    @Test func `nobody listening, and somebody without an address, are said`() async throws {
        let server = try TestMailServer()
        let nobody = try await refusal(mailer(for: server), message(to: "ann"))
        #expect(nobody.reason == "the recipient has no address" && server.connections == 0)
        let reserved = try Socket.listen(on: .loopback(port: 0), reusePort: false)
        let port = Int(try #require(reserved.localAddress).port)
        reserved.close()
        let mailer = try SMTPMailer(server: MailServer(host: "127.0.0.1", port: port))
        #expect(try await refusal(mailer, message()).description.contains("127.0.0.1:\(port)"))
    }

    @Test func `a server is a host, and no password is told in clear`() throws {
        #expect(try MailServer(host: "mail.test").hostAndPort == "mail.test:587")
        #expect(try MailServer(host: "mail.test", security: .tls).url == "smtps://mail.test:465")
        #expect(try MailServer(host: "::1", security: .none).url == "smtp://[::1]:25")
        for host in ["", "a b", "a/b", "user@host", "höst", "a\r\n"] {
            let error = #expect(throws: MailServerRefused.self) { try MailServer(host: host) }
            #expect(error?.key == "host")
        }
        for security in [MailServer.Security.none, .startTLSIfOffered] {
            let error = #expect(throws: MailServerRefused.self) {
                try MailServer(host: "x", security: security, credentials: .init(user: "u", password: "p"))
            }
            #expect(error?.key == "user")
        }
    }
}
