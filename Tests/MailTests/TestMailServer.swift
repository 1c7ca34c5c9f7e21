import Bytes
import Crypto
import EventLoop
import Synchronization
import TLS
import TestKit

/// A mail server that behaves as a test wants, one client at a time, and keeps what it was told.
final class TestMailServer: Sendable {
    /// How it behaves.
    struct Manner: Sendable {
        /// Whether it offers STARTTLS.
        var offersTLS = true
        /// Whether it begins with TLS.
        var beginsWithTLS = false
        /// Who must sign in, by name and password; nil for nobody.
        var account: (user: String, password: String)?
        /// What it says instead of what is due, by the beginning of the client's line, `.` for the end of a message; nothing
        /// is said for the empty text, and the greeting is `hello`.
        var answers: [String: String] = [:]
    }

    /// A message it has taken.
    struct Accepted: Sendable, Equatable {
        var sender = ""
        var recipient = ""
        var user: String?
        var isEncrypted = false
        var bytes: [UInt8] = []
    }

    /// Everything the client said, and the messages taken.
    struct Record: Sendable {
        var lines: [String] = []
        var messages: [Accepted] = []
    }

    /// The certificate it presents, for 127.0.0.1 unless told otherwise.
    let certificate: (certificatePEM: String, keyPEM: String)
    private let server: ScriptedServer
    private let record: Recorder

    init(_ manner: Manner = Manner(), certifiedFor hosts: [String] = ["127.0.0.1"]) throws {
        certificate = try SelfSignedCertificate.make(hosts: hosts)
        let context = try TLSServerContext(certificatePEM: certificate.certificatePEM, keyPEM: certificate.keyPEM)
        let record = Recorder()
        self.record = record
        server = try ScriptedServer { connection in
            var conversation = TestMailConversation(connection, manner, context, record)
            conversation.hold()
        }
    }

    var port: Int { Int(server.address.port) }
    var connections: Int { server.connections }
    var messages: [Accepted] { record.state.withLock { $0.messages } }

    /// The first words of the client's lines.
    var commands: [String] {
        record.state.withLock { $0.lines.map { String($0.prefix { $0 != " " }) } }
    }

    final class Recorder: Sendable {
        let state = Mutex(Record())
    }
}

private struct TestMailConversation {
    private let connection: RawConnection
    private let manner: TestMailServer.Manner
    private let context: TLSServerContext
    private let record: TestMailServer.Recorder
    private var message = TestMailServer.Accepted()

    init(
        _ connection: RawConnection, _ manner: TestMailServer.Manner, _ context: TLSServerContext,
        _ record: TestMailServer.Recorder
    ) {
        self.connection = connection
        self.manner = manner
        self.context = context
        self.record = record
    }

    mutating func hold() {
        if manner.beginsWithTLS, !startTLS() { return }
        guard answer("hello", "220 mail.test") else { return }
        while let line = hear() {
            record.state.withLock { $0.lines.append(line) }
            guard take(line) else { return }
        }
    }

    /// False when the conversation is over.
    private mutating func take(_ line: String) -> Bool {
        switch line.prefix(4) {
        case "EHLO": return answer(line, capabilities.joined(separator: "\r\n"))
        case "STAR": return answer(line, "220 go ahead") && (isRefused(line) || startTLS())
        case "AUTH": return signIn(line)
        case "MAIL":
            message.sender = address(line)
            let isWelcome = manner.account == nil || message.user != nil
            return answer(line, isWelcome ? "250 fine" : "530 5.7.0 sign in first")
        case "RCPT":
            message.recipient = address(line)
            return answer(line, "250 fine")
        case "DATA": return answer(line, "354 go ahead") && (isRefused(line) || takeMessage())
        case "QUIT":
            _ = answer(line, "221 bye")
            return false
        default: return answer(line, "500 what?")
        }
    }

    private var capabilities: [String] {
        var lines = ["mail.test", "8BITMIME"]
        if manner.offersTLS, !message.isEncrypted { lines.append("STARTTLS") }
        if manner.account != nil { lines.append("AUTH PLAIN") }
        return lines.dropLast().map { "250-\($0)" } + ["250 \(lines[lines.count - 1])"]
    }

    private mutating func startTLS() -> Bool {
        message.isEncrypted = connection.startTLS(context)
        return message.isEncrypted
    }

    private mutating func signIn(_ line: String) -> Bool {
        guard !isRefused(line) else { return answer(line, "") }
        var proof = line.dropFirst("AUTH PLAIN ".count)
        if proof.isEmpty {
            connection.send("334 \r\n")
            proof = Substring(hear() ?? "")
        }
        let words = (Base64.decode(proof) ?? []).split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        guard let account = manner.account, words == [account.user, account.password] else {
            return answer(line, "535 5.7.8 wrong name or password")
        }
        message.user = account.user
        return answer(line, "235 welcome")
    }

    private mutating func takeMessage() -> Bool {
        let text = connection.receive(until: "\r\n.\r\n")
        guard text.hasSuffix("\r\n.\r\n") else { return false }
        // What a client doubles at the start of a line is taken back (RFC 5321 §4.5.2).
        let lines = text.dropLast(2).split(separator: "\r\n", omittingEmptySubsequences: false).dropLast()
        message.bytes = lines.flatMap { Array(($0.hasPrefix(".") ? $0.dropFirst() : $0).utf8) + [0x0d, 0x0a] }
        if !isRefused(".") { record.state.withLock { $0.messages.append(message) } }
        return answer(".", "250 taken")
    }

    // MARK: Lines

    private func hear() -> String? {
        let line = connection.receive(until: "\r\n")
        return line.hasSuffix("\r\n") ? String(line.dropLast()) : nil
    }

    /// Says what is due, or what the manner has instead; after having said nothing waits for the client to leave.
    private func answer(_ line: String, _ due: String) -> Bool {
        let words = instead(of: line) ?? due
        guard words.isEmpty else { return connection.send(words + "\r\n") }
        _ = connection.receiveAll()
        return false
    }

    private func isRefused(_ line: String) -> Bool { instead(of: line) != nil }

    private func instead(of line: String) -> String? {
        manner.answers.first { line.hasPrefix($0.key) }?.value
    }

    private func address(_ line: String) -> String {
        String(line.drop { $0 != "<" }.dropFirst().prefix { $0 != ">" })
    }
}
