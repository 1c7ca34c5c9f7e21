import Testing
import XML

@Suite struct XMLTests {
    private func parse(_ text: String, _ limits: XMLLimits = XMLLimits()) throws -> XMLElement {
        try XMLElement.parse(Array(text.utf8), limits: limits)
    }

    @Test func `names, texts and order survive, whatever the namespace`() throws {
        let root = try parse(
            "<?xml version=\"1.0\"?><a:B xmlns:a=\"urn:x\"><C>one &amp; <![CDATA[<two>]]></C><D/><C>é</C></a:B>")
        #expect(root.name == "B")
        #expect(root.children.map(\.name) == ["C", "D", "C"])
        #expect(root.first("C")?.text == "one & <two>")
        #expect(root.all("C").map(\.text) == ["one & <two>", "é"])
        #expect(root.first("E") == nil)
    }

    @Test func `what is written is read again`() throws {
        var document = XMLDocument()
        document.element("Root", namespace: "http://example.com/?a&b") { root in
            root.element("Text", "a<b>&\"c\"\r\n\tü😀")
            root.element("Mixed") { $0.appendText("]]>") }
        }
        let root = try XMLElement.parse(document.bytes)
        #expect(root.first("Text")?.text == "a<b>&\"c\"\r\n\tü😀")
        #expect(root.first("Mixed")?.text == "]]>")
    }

    @Test func `attributes are written with what would end them escaped`() throws {
        var document = XMLDocument()
        document.element("Root", attributes: ["a:b": "1", "c": "\"<&>"]) { $0.appendText("x") }
        #expect(document.text.hasSuffix("<Root a:b=\"1\" c=\"&quot;&lt;&amp;&gt;\">x</Root>"))
    }

    @Test func `a control character that XML cannot hold is replaced`() throws {
        var document = XMLDocument()
        document.element("T", "a\u{1}b\u{0}c")
        #expect(try XMLElement.parse(document.bytes).text == "a\u{FFFD}b\u{FFFD}c")
    }

    @Test(arguments: [
        "", " ", "<a>", "<a></b>", "<a/><b/>", "text", "<a>&undefined;</a>", "<a>\u{1}</a>", "<a b></a>", "<?xml?>",
        "<a:b/>", "<a:b:c xmlns:a='u'/>", "<a: xmlns:a='u'/>",
        "<a:1 xmlns:a='u'/>",
    ])
    func `a broken document is refused with the place`(_ text: String) {
        #expect {
            try parse(text)
        } throws: { error in
            guard case .malformed(let reason)? = error as? XMLError else { return false }
            return reason.contains("line")
        }
    }

    @Test func `bytes that are no UTF-8 are refused`() {
        #expect(throws: XMLError.self) { try XMLElement.parse([0x3c, 0x61, 0x3e, 0xff, 0x3c, 0x2f, 0x61, 0x3e]) }
    }

    @Test(arguments: [
        "<!DOCTYPE a [<!ENTITY b \"cc\">]><a>&b;</a>",
        "<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>",
    ])
    func `a document type is refused before it is read`(_ text: String) {
        #expect(throws: XMLError.documentType) { try parse(text) }
    }

    @Test func `depth and number of elements are bounded`() throws {
        let nested = String(repeating: "<a>", count: 4) + String(repeating: "</a>", count: 4)
        #expect(try parse(nested, XMLLimits(depth: 4)).children.count == 1)
        #expect(throws: XMLError.tooLarge) { try parse(nested, XMLLimits(depth: 3)) }
        #expect(throws: XMLError.tooLarge) { try parse("<a><b/><b/><b/></a>", XMLLimits(elements: 3)) }
    }
}
