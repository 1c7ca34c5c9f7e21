import Testing

@testable import CommonPasswords

@Suite struct CommonPasswordsTests {
    private static let words = ["abcdefgh", "abcdefghi", "bcdefghi", "zzzzzzzz"]
    private static let text = Array(words.map { $0 + "\n" }.joined().utf8)

    @Test(arguments: words) func everyLineIsFound(_ word: String) {
        #expect(CommonPasswords.contains(Array(word.utf8), in: Self.text))
    }

    @Test(arguments: ["", "a", "abcdefg", "abcdefghij", "bcdefgh", "zzzzzzzzz", "abcdefgh\nabcdefghi", "\n"])
    func nothingElseIs(_ word: String) {
        #expect(!CommonPasswords.contains(Array(word.utf8), in: Self.text))
        #expect(!CommonPasswords.contains(Array(word.utf8), in: []))
    }

    @Test(arguments: ["password", "PassWord", "12345678", "iloveyou", "TRUSTNO1", "qwertyuiop"])
    func theMostCommonAreThereInWhateverCase(_ password: String) {
        #expect(CommonPasswords.contains(password))
    }

    @Test(arguments: ["correct horse battery", "", "\u{212a}elvin99", "pässword"])
    func othersAreNot(_ password: String) {
        #expect(!CommonPasswords.contains(password))
    }

    /// ASVS 6.2.4: at least the 3,000 most common that are long enough.
    @Test func theListIsLongSortedAndInLowerCase() {
        let lines = PackageResources.passwords_txt.split(separator: UInt8(ascii: "\n"))
        #expect(lines.count == 11_611 && PackageResources.passwords_txt.last == UInt8(ascii: "\n"))
        #expect(zip(lines, lines.dropFirst()).allSatisfy { $0.lexicographicallyPrecedes($1) })
        #expect(lines.allSatisfy { $0.count >= 8 && CommonPasswords.contains(String(decoding: $0, as: UTF8.self)) })
    }
}
