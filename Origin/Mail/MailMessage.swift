internal import Bytes
internal import HTTPWire

/// What somebody reads: a subject, and the same words as text and perhaps as HTML.
public struct MailContent: Sendable, Equatable {
    /// One line; line breaks become spaces.
    public let subject: String
    /// Plain text.
    public let text: String
    /// An HTML document that says the same; nil for none.
    public let html: String?

    /// Words without a sender or a recipient yet.
    public init(subject: String, text: String, html: String? = nil) {
        self.subject = subject
        self.text = text
        self.html = html
    }
}

/// One message to one recipient.
public struct MailMessage: Sendable, Equatable {
    /// The sender, in the header and in the envelope.
    public let from: MailAddress
    /// The recipient.
    public let to: MailRecipient
    /// What it says.
    public let content: MailContent
    /// Letters, digits, `-`, `_` and `.`, unlike any other message's: part of its Message-ID and of file names.
    public let id: String
    /// Epoch milliseconds.
    public let sentAt: Int64

    /// A message; traps for an `id` with other characters, or none, or more than 64.
    public init(from: MailAddress, to: MailRecipient, content: MailContent, id: String, sentAt: Int64) {
        precondition(ASCII.isName(id), "an id of a message is made by us")
        self.from = from
        self.to = to
        self.content = content
        self.id = id
        self.sentAt = sentAt
    }

    /// The message as mail servers and mail programs take it (RFC 5322, RFC 2045): ASCII, lines of at most 76 characters but
    /// for addresses, ended by CRLF. What is made here from any text stays within its header field or its part.
    public var bytes: [UInt8] {
        let head = """
            Date: \(HTTPDate.format(sentAt / 1000).dropLast("GMT".count))+0000\r
            From: \(MailHeader.mailbox(from))\r
            To: \(MailHeader.recipient(to))\r
            Subject: \(MailHeader.text(content.subject))\r
            Message-ID: <\(id)@\(from.domain)>\r
            Auto-Submitted: auto-generated\r
            MIME-Version: 1.0\r\n
            """
        return Array(head.utf8) + body
    }

    private var body: [UInt8] {
        let text = Self.part(content.text, type: "plain")
        guard let html = content.html else { return text }
        // No quoted-printable text has "=_" in it.
        let boundary = "=_\(id)"
        return Array("Content-Type: multipart/alternative; boundary=\"\(boundary)\"\r\n".utf8)
            + Array("\r\n--\(boundary)\r\n".utf8) + text
            + Array("\r\n--\(boundary)\r\n".utf8) + Self.part(html, type: "html")
            + Array("\r\n--\(boundary)--\r\n".utf8)
    }

    private static func part(_ text: String, type: String) -> [UInt8] {
        let head = """
            Content-Type: text/\(type); charset=utf-8\r
            Content-Transfer-Encoding: quoted-printable\r
            \r\n
            """
        return Array(head.utf8) + QuotedPrintable.encode(text)
    }
}
