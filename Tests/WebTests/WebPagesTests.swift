import Testing

@testable import Web

@Suite struct AssetNamesTests {
    @Test func `a name holds the digest of the content and changes with it`() {
        var names = AssetNames()
        let first = names.add(Array("a".utf8), as: "x.js", type: WebDocument.script).path
        let second = names.add(Array("b".utf8), as: "x.js", type: WebDocument.script).path
        #expect(first.hasPrefix("/assets/x-") && first.hasSuffix(".js"))
        #expect(first != second)
    }

    @Test func `references to earlier assets are filled in everywhere they stand`() {
        var names = AssetNames()
        let path = names.add(Array("a".utf8), as: "x.js", type: WebDocument.script).path
        #expect(names.resolve(Array("{{x.js}} and {{x.js}}".utf8)) == Array("\(path) and \(path)".utf8))
    }
}
