import Templates
import Testing

@Suite struct HTMLTests {
    private func text(_ html: HTML) -> String { String(decoding: html.bytes, as: UTF8.self) }

    @Test func `text cannot leave its place in an element or an attribute`() {
        let hostile = "<script>alert('1')</script> & \"quoted\""
        let escaped = "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &amp; &quot;quoted&quot;"
        #expect(text(HTML(hostile)) == escaped)
        let template = HTMLTemplate(Array("<p title=\"{a}\">{b}</p>".utf8))
        #expect(
            text(template.filled(with: ["a": HTML(hostile), "b": HTML(hostile)]))
                == "<p title=\"\(escaped)\">\(escaped)</p>")
    }

    @Test func `a literal is text as well`() {
        let html: HTML = "1 < 2"
        #expect(text(html) == "1 &lt; 2")
    }

    @Test func `what fills a template may be HTML, and a value that looks like a placeholder is none`() {
        let inner = HTMLTemplate(Array("<b>{name}</b>".utf8)).filled(with: ["name": "{name}"])
        let outer = HTMLTemplate(Array("<p>{inner}</p>".utf8)).filled(with: ["inner": HTML(joining: [inner, " &"])])
        #expect(text(outer) == "<p><b>{name}</b> &amp;</p>")
    }
}
