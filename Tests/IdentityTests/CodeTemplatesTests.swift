import Mail
import Synchronization
import Testing

@testable import Identity

/// Keeps what would have been sent.
private final class Postbox: MailTransport {
    private let sent = Mutex<[MailMessage]>([])

    var messages: [MailMessage] { sent.withLock { $0 } }

    func send(_ message: MailMessage) async throws {
        sent.withLock { $0.append(message) }
    }
}

@Suite struct CodeTemplatesTests {
    private func content(
        _ purpose: CodeMessage.Purpose, _ files: [String: String] = [:]
    ) throws(MailTemplateRefused) -> MailContent {
        let message = CodeMessage(
            purpose: purpose, username: "ann<b>", destination: "ann@x.test", code: "123456", sentAt: 0)
        return try CodeTemplates(files: files.mapValues { Array($0.utf8) })
            .content(of: message, site: "https://x.test")
    }

    private func refusal(_ files: [String: String]) -> String? {
        do throws(MailTemplateRefused) {
            _ = try content(.signUp, files)
            return nil
        } catch {
            return error.description
        }
    }

    @Test(arguments: CodeMessage.Purpose.allCases)
    func `every purpose has a message with its code, if it has one, and where it is good`(purpose: CodeMessage.Purpose)
        throws
    {
        let content = try content(purpose)
        let html = try #require(content.html)
        for text in [content.text, html] {
            #expect(text.contains("123456") == purpose.hasCode && text.contains("https://x.test"))
        }
        #expect(!content.subject.isEmpty && !content.subject.contains("123456"))
    }

    @Test func `strangers' words are in no message that anybody can have sent to anybody`() throws {
        for purpose in CodeMessage.Purpose.allCases where purpose != .invitation {
            let content = try content(purpose)
            #expect(!content.text.contains("ann") && content.html?.contains("ann") == false)
        }
        let invitation = try self.content(.invitation)
        #expect(invitation.text.contains("ann<b>") && invitation.html?.contains("ann&lt;b&gt;") == true)
    }

    @Test func `an operator's text stands alone or with its own HTML`() throws {
        let text = "Subject: Für {username}\n\n{code}\n"
        #expect(
            try content(.signUp, ["sign-up.txt": text])
                == MailContent(subject: "Für ann<b>", text: "123456\n"))
        #expect(try content(.signUp, ["sign-up.txt": text, "sign-up.html": "<p>{code}"]).html == "<p>123456")
        #expect(try content(.invitation, ["sign-up.txt": text]) == content(.invitation))
    }

    @Test func `mistakes are named`() {
        #expect(
            refusal(["signup.txt": ""])
                == "signup.txt: is no template; there are sign-up.txt, sign-up.html, invitation.txt, invitation.html, "
                + "password-reset.txt, password-reset.html, attribute-verification.txt, attribute-verification.html, "
                + "password-taken.txt, password-taken.html, name-taken.txt, name-taken.html, "
                + "recovery-codes-made.txt, recovery-codes-made.html, recovery-code-used.txt, recovery-code-used.html, "
                + "provider-linked.txt, provider-linked.html, "
                + "second-factor-guessed.txt, second-factor-guessed.html")
        #expect(
            refusal(["sign-up.html": "{code}"]) == "sign-up.html: needs sign-up.txt beside it, which has the subject")
        #expect(
            refusal(["invitation.txt": "Subject: Hi\n\n{password}"])
                == "invitation.txt: {password} is not a placeholder; there are {code}, {username}, {site}")
        #expect(refusal(["invitation.txt": "Subject: Hi\n\n"]) == "invitation.txt: {code} is missing")
    }

    @Test func `a code goes to the address, or to a name where there is none`() async throws {
        let postbox = Postbox()
        let sender = try #require(MailAddress("weir@x.test"))
        let delivery = try MailedCodes(
            transport: postbox, sender: sender, templates: CodeTemplates(), site: "https://x.test")
        for destination in ["ann@x.test", "ann"] {
            try await delivery.deliver(
                CodeMessage(
                    purpose: .signUp, username: "ann", destination: destination, code: "123456", sentAt: 7_000))
        }
        #expect(postbox.messages.map(\.to) == [MailRecipient("ann@x.test"), .named("ann")])
        #expect(postbox.messages.allSatisfy { $0.from == sender && $0.sentAt == 7_000 })
        #expect(Set(postbox.messages.map(\.id)).count == 2)
    }
}
