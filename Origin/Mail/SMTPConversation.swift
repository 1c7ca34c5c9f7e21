internal import Curl

/// One message on its way to a server, in libcurl's hands. Used by one thread.
final class SMTPConversation {
    private static let replyLimit = 500

    private let message: [UInt8]
    private let sender: String
    private let recipient: String
    private var position = 0
    private var refusal: String?

    init(_ message: [UInt8], from sender: MailAddress, to recipient: MailAddress) {
        self.message = message
        self.sender = sender.address
        self.recipient = recipient.address
    }

    /// Returns once the server has accepted the message; blocks as `CurlTransfer.perform` does.
    func hold(with server: MailServer) throws(MailNotSent) {
        do {
            let transfer = try CurlTransfer(
                to: server.url, protocols: "smtp,smtps", timeout: server.timeout, authorities: server.authorities)
            transfer.set(.responseSeconds, Int(server.timeout.components.seconds))
            transfer.set(.tlsLevel, server.security.level.number)
            if let credentials = server.credentials {
                transfer.set(.user, credentials.user)
                transfer.set(.password, credentials.password)
            }
            transfer.set(.mailFrom, sender)
            try transfer.set(.mailRecipients, [recipient])
            transfer.set(.uploadBytes, message.count)
            transfer.onUpload { self.read(into: $0) }
            transfer.onLine { self.hear($0) }
            try transfer.perform()
        } catch {
            throw MailNotSent(server: server.hostAndPort, reason: error.reason, reply: refusal)
        }
    }

    // MARK: What libcurl asks and tells

    private func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let piece = message[position...].prefix(buffer.count)
        buffer.copyBytes(from: piece)
        position += piece.count
        return piece.count
    }

    /// Keeps the last line of the server's that refuses something.
    private func hear(_ line: UnsafeRawBufferPointer) {
        guard line.count > 3, line[0] == UInt8(ascii: "4") || line[0] == UInt8(ascii: "5") else { return }
        refusal = CurlFailure.line(String(decoding: line.prefix(Self.replyLimit), as: UTF8.self))
    }
}

extension MailServer.Security {
    fileprivate var level: CurlOption.TLSLevel {
        switch self {
        case .startTLS, .tls: .always
        case .startTLSIfOffered: .ifOffered
        case .none: .none
        }
    }
}
