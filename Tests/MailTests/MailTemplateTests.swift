import Testing

@testable import Mail

@Suite struct MailTemplateTests {
    private func template(_ text: String, html: String? = nil) throws(MailTemplateRefused) -> MailTemplate {
        try MailTemplate(
            text: .init(name: "a.txt", content: Array(text.utf8)),
            html: html.map { .init(name: "a.html", content: Array($0.utf8)) },
            placeholders: ["code", "username", "site"], required: ["code"])
    }

    private func refusal(_ text: String, html: String? = nil) -> String? {
        do throws(MailTemplateRefused) {
            _ = try template(text, html: html)
            return nil
        } catch {
            return error.description
        }
    }

    @Test func `values stand in their places, escaped in HTML`() throws {
        let template = try template(
            "Subject: For {username} at {site}\n\n{code}, {code}\n",
            html: "<style>p {color: red}</style><a title='{username}'>{code}</a>")
        let content = template.filled(with: ["code": "1<2", "username": "\"A\" & 'b' {code}", "site": "https://x.test"])
        #expect(content.subject == "For \"A\" & 'b' {code} at https://x.test")
        #expect(content.text == "1<2, 1<2\n")
        #expect(
            content.html
                == "<style>p {color: red}</style><a title='&quot;A&quot; &amp; &#39;b&#39; {code}'>1&lt;2</a>")
    }

    @Test func `lines may end as on other systems, and braces that hold no word are braces`() throws {
        let content = try template("Subject: Hi\r\n\r\n{ {} {a b} {code}\r\n").filled(with: ["code": "1"])
        #expect(content == MailContent(subject: "Hi", text: "{ {} {a b} 1\n"))
    }

    @Test func `mistakes are named with their file`() {
        #expect(refusal("Subject: Hi\n\n{cod}") == "a.txt: {cod} is not a placeholder; did you mean {code}?")
        #expect(
            refusal("Subject: {something}\n\n{code}")
                == "a.txt: {something} is not a placeholder; there are {code}, {username}, {site}")
        #expect(refusal("Subject: {code}\n\nHello") == "a.txt: {code} is missing")
        #expect(refusal("Subject: Hi\n\n{code}", html: "<p>Hello</p>") == "a.html: {code} is missing")
        #expect(
            refusal("Subject: Hi\n\n{code}", html: "{code}{user}")
                == "a.html: {user} is not a placeholder; there are {code}, {username}, {site}")
        for text in ["", "Hello", "{code}\n", "Subject: Hi\n{code}\n", "\nSubject: Hi\n\n{code}"] {
            #expect(
                refusal(text) == "a.txt: does not begin with a line \"Subject: …\" and an empty line")
        }
        #expect(throws: MailTemplateRefused(file: "a.txt", reason: "is not UTF-8")) {
            try MailTemplate(text: .init(name: "a.txt", content: [0xff]), html: nil, placeholders: [], required: [])
        }
    }
}
