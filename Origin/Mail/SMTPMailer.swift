internal import EventLoop

/// Hands messages to a mail server over SMTP, one connection each, and waits for its word.
///
/// Two messages at a time; sixty-four wait, and more are refused at once. There is no queue on the disk and no second try:
/// whoever wants the code asks again, and the server that has taken a message tries from then on.
public final class SMTPMailer: MailTransport {
    private let server: MailServer
    private let pool: BlockingPool

    /// A mailer for one server, which is not asked anything yet. Throws `SystemError` without a thread left.
    public init(server: MailServer) throws {
        self.server = server
        pool = try BlockingPool(name: "mail", threads: 2, queueLimit: 64)
    }

    /// Returns once the server has accepted the message; throws `MailNotSent` when it has not, `Overloaded` when too many wait.
    public func send(_ message: MailMessage) async throws {
        guard case .address(let recipient) = message.to else {
            throw MailNotSent(server: server.hostAndPort, reason: "the recipient has no address")
        }
        try await pool.run { [server] in
            try SMTPConversation(message.bytes, from: message.from, to: recipient).hold(with: server)
        }
    }
}

/// Why a message was not accepted. Holds nothing of the message.
public struct MailNotSent: Error, Sendable, Equatable, CustomStringConvertible {
    /// Host and port.
    public let server: String
    /// What went wrong, in libcurl's words.
    public let reason: String
    /// The server's last refusal, such as `550 5.1.1 no such user`; nil if it has refused nothing.
    public let reply: String?

    init(server: String, reason: String, reply: String? = nil) {
        self.server = server
        self.reason = reason
        self.reply = reply
    }

    /// One line for a log.
    public var description: String {
        "\(server) was not given the message: \(reason)" + (reply.map { "; it says: \($0)" } ?? "")
    }
}
