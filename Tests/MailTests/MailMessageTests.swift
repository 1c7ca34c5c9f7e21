import Bytes
import Testing

@testable import Mail

@Suite struct MailMessageTests {
    static let sender = MailAddress("weir@videos.test", name: "Weir")

    private func message(
        from: MailAddress? = MailMessageTests.sender, to recipient: String = "ann@example.com",
        subject: String = "Hello",
        text: String = "Hello!\n", html: String? = nil
    ) throws -> MailMessage {
        MailMessage(
            from: try #require(from), to: MailRecipient(recipient),
            content: MailContent(subject: subject, text: text, html: html), id: "id1", sentAt: 1_800_000_000_123)
    }

    private func wire(_ message: MailMessage) -> String { String(decoding: message.bytes, as: UTF8.self) }

    /// Unfolded header fields by name, in order.
    private func fields(_ message: MailMessage) throws -> [(name: String, value: String)] {
        let text = wire(message)
        let end = try #require(text.firstRange(of: "\r\n\r\n"))
        let unfolded = text[..<end.lowerBound].replacing("\r\n ", with: " ")
        return unfolded.split(separator: "\r\n", omittingEmptySubsequences: false).map { line in
            let parts = line.split(separator: ": ", maxSplits: 1)
            return (String(parts.first ?? ""), String(parts.last ?? ""))
        }
    }

    private func field(_ name: String, _ message: MailMessage) throws -> String {
        try #require(try fields(message).first { $0.name == name }).value
    }

    /// What a mail program makes of encoded words side by side.
    private func decoded(_ words: String) throws -> String {
        var bytes: [UInt8] = []
        for word in words.split(separator: " ") {
            let letters = try #require(word.wholeMatch(of: #/=\?UTF-8\?B\?([A-Za-z0-9+\/=]+)\?=/#)?.1)
            let part = try #require(Base64.decode(letters))
            #expect(String(validating: part, as: UTF8.self) != nil, "no character is divided")
            bytes += part
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func `text alone is one part`() throws {
        #expect(
            wire(try message()) == """
                Date: Fri, 15 Jan 2027 08:00:00 +0000\r
                From: "Weir"\r
                 <weir@videos.test>\r
                To: ann@example.com\r
                Subject: Hello\r
                Message-ID: <id1@videos.test>\r
                Auto-Submitted: auto-generated\r
                MIME-Version: 1.0\r
                Content-Type: text/plain; charset=utf-8\r
                Content-Transfer-Encoding: quoted-printable\r
                \r
                Hello!\r\n
                """)
    }

    @Test func `text and HTML are alternatives, the better one last`() throws {
        let text = wire(try message(text: "Grüße", html: "<p>Grüße</p>"))
        let body = text[try #require(text.firstRange(of: "Content-Type")).lowerBound...]
        #expect(
            body == """
                Content-Type: multipart/alternative; boundary="=_id1"\r
                \r
                --=_id1\r
                Content-Type: text/plain; charset=utf-8\r
                Content-Transfer-Encoding: quoted-printable\r
                \r
                Gr=C3=BC=C3=9Fe\r
                \r
                --=_id1\r
                Content-Type: text/html; charset=utf-8\r
                Content-Transfer-Encoding: quoted-printable\r
                \r
                <p>Gr=C3=BC=C3=9Fe</p>\r
                \r
                --=_id1--\r\n
                """)
    }

    @Test(arguments: ["\r\n", "\n", "\r", "\r\n\r\n", "\u{2028}", "\u{85}", "\0"])
    func `nothing begins a field or the body`(lineBreak: String) throws {
        let evil = "Hi\(lineBreak)Bcc: eve@example.com"
        for recipient in ["ann@example.com", evil] {
            let message = try message(
                from: MailAddress("weir@videos.test", name: evil), to: recipient, subject: evil, text: evil)
            #expect(
                try fields(message).map(\.name) == [
                    "Date", "From", "To", "Subject", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type",
                    "Content-Transfer-Encoding",
                ])
            #expect(try field("Subject", message) == "Hi Bcc: eve@example.com")
            #expect(try field("From", message) == "\"Hi Bcc: eve@example.com\" <weir@videos.test>")
        }
    }

    @Test(arguments: [
        "Dein Code für ☃ und 👩‍👩‍👧‍👦", "=?UTF-8?B?SGk=?=", String(repeating: "long ", count: 40) + "end",
        String(repeating: "ü", count: 300),
    ])
    func `what is not plain becomes encoded words on short lines`(text: String) throws {
        let message = try message(from: MailAddress("weir@videos.test", name: text), subject: text)
        #expect(try decoded(field("Subject", message)) == text)
        let from = try field("From", message)
        let open = try #require(from.firstRange(of: " <weir@videos.test>"))
        #expect(try decoded(String(from[..<open.lowerBound])) == text)
        #expect(message.bytes.allSatisfy { $0 < 0x80 })
        #expect(wire(message).split(separator: "\r\n").allSatisfy { $0.utf8.count <= 76 })
    }

    @Test func `names are quoted, and somebody without an address is a group of nobody`() throws {
        let name = try message(from: MailAddress("weir@videos.test", name: #"Ann "A\B" <x>, Co."#))
        #expect(try field("From", name) == #""Ann \"A\\B\" <x>, Co." <weir@videos.test>"#)
        #expect(try field("To", message(to: "ann")) == "\"ann\":;")
        #expect(try decoded(field("To", message(to: "änn")).replacing(":;", with: "")) == "änn")
    }

    @Test(arguments: [
        "", "plain", "a=b", "trailing space \nand tab\t\n", ".\n..\n.dot\n", "ü\n", "\n\n", "a\0b\u{7f}", "From here\n",
        String(repeating: "x", count: 76), String(repeating: "x", count: 77), String(repeating: "ü", count: 100),
        String(repeating: "x", count: 75) + " ", String(repeating: "y ", count: 200),
    ])
    func `text survives as quoted-printable`(text: String) throws {
        let lines = String(decoding: QuotedPrintable.encode(text), as: UTF8.self)
            .split(separator: "\r\n", omittingEmptySubsequences: false)
        #expect(lines.last == "", "the last line is ended")
        #expect(lines.allSatisfy { $0.utf8.count <= 76 && $0.last != " " && $0.last != "\t" })
        #expect(lines.allSatisfy { $0.utf8.allSatisfy { 0x20...0x7e ~= $0 || $0 == 0x09 } })
        let joined = lines.joined(separator: "\n").replacing("=\n", with: "")
        var bytes: [UInt8] = []
        var rest = Array(joined.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "=") else {
                bytes.append(byte)
                continue
            }
            bytes += try #require(Hex.decode(String(decoding: rest.prefix(2), as: UTF8.self).lowercased()))
            rest = rest.dropFirst(2)
        }
        #expect(String(decoding: bytes, as: UTF8.self) == (text.hasSuffix("\n") ? text : text + "\n"))
    }

    @Test(arguments: ["\r\n", "\n", "\r"]) func `line breaks of any kind end in both`(lineBreak: String) {
        #expect(QuotedPrintable.encode("a\(lineBreak)\(lineBreak)b") == Array("a\r\n\r\nb\r\n".utf8))
    }

    @Test(arguments: ["ann@example.com", "a.b+c@sub.example-x.com", "weir@localhost", "o'neil@x.test", "1@2"])
    func `addresses are taken`(text: String) {
        #expect(MailAddress(text)?.address == text)
        #expect(MailRecipient(text) == MailAddress(text).map { .address($0) })
    }

    @Test(arguments: [
        "", "ann", "@x.test", "ann@", "a b@x.test", "ann@x.test\r\nRCPT TO:<eve@x.test>", "<ann@x.test>", "ann@x..test",
        ".ann@x.test", "ann.@x.test", "\"ann\"@x.test", "ann@[127.0.0.1]", "änn@x.test", "ann@x_y.test", "a@b@x.test",
        "ann@x.test>", "ann,eve@x.test", String(repeating: "x", count: 65) + "@x.test",
        "ann@" + String(repeating: "x.", count: 130) + "test",
    ])
    func `what could be more than an address is none`(text: String) {
        #expect(MailAddress(text) == nil)
        #expect(MailRecipient(text) == .named(text))
    }

    @Test func `a sender is an address with or without a name`() {
        #expect(MailAddress(parsing: "ann@x.test") == MailAddress("ann@x.test"))
        #expect(MailAddress(parsing: "Ann A. <ann@x.test>") == MailAddress("ann@x.test", name: "Ann A."))
        #expect(MailAddress(parsing: "<ann@x.test>") == MailAddress("ann@x.test"))
        for text in ["Ann", "Ann <ann>", "Ann <ann@x.test> and more", "Ann ann@x.test>"] {
            #expect(MailAddress(parsing: text) == nil)
        }
    }
}
