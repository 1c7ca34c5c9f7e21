/// Turns the text of a cue, as WebVTT and SubRip files write it, into the text of one of ours.
extension CueText {
    /// How a file marks up its texts.
    enum Markup {
        /// What stands between `<` and `>` is a tag; characters have names (W3C WebVTT §6.4).
        case webVTT
        /// What looks like a tag of HTML is one, what else stands between `<` and `>` is text; some files place their texts with
        /// `{\an8}`.
        case subRip
    }

    /// What is longer is no name of a character or a tag that is looked at.
    private static let longestName = 8
    /// What is longer is text, and no tag: nobody looks for its end over and over.
    private static let longestTag = 256
    private static let characters: [String: Unicode.Scalar] = [
        "amp": "&", "lt": "<", "gt": ">", "nbsp": "\u{a0}", "lrm": "\u{200e}", "rlm": "\u{200f}", "quot": "\"",
        "apos": "'",
    ]

    /// The text of `lines`, or nil if nothing of it can be read.
    static func text(of lines: [Substring], _ markup: Markup) -> String? {
        var reader = CueText()
        for line in lines {
            reader.read(Array(line.unicodeScalars), markup)
            reader.pendingBreak = true
        }
        return reader.finish()
    }

    private mutating func read(_ scalars: [Unicode.Scalar], _ markup: Markup) {
        var index = 0
        while index < scalars.count, !isCut {
            let rest = scalars[index...]
            if scalars[index] == "<", let end = tag(rest, markup) {
                index = end
            } else if scalars[index] == "&", markup == .webVTT, let (character, end) = Self.named(rest) {
                show(character)
                index = end
            } else if markup == .subRip, let end = Self.override(rest) {
                index = end
            } else {
                show(scalars[index])
                index += 1
            }
        }
    }

    /// Follows the tag that `scalars` begin with and returns where it ends; nil where it is text.
    private mutating func tag(_ scalars: ArraySlice<Unicode.Scalar>, _ markup: Markup) -> Int? {
        guard let end = scalars.prefix(Self.longestTag).firstIndex(of: ">") else { return nil }
        var name = scalars[(scalars.startIndex + 1)..<end]
        let isClosing = name.first == "/"
        if isClosing { name = name.dropFirst() }
        let word = name.prefix { ("a"..."z").contains($0) || ("A"..."Z").contains($0) }
        let text = String(String.UnicodeScalarView(word.prefix(Self.longestName))).lowercased()
        guard markup == .webVTT || ["b", "i", "u", "s", "font", "span", "br"].contains(text) else { return nil }
        if let style = Self.tags.firstIndex(of: text) { wanted[style] = !isClosing }
        if text == "br" { pendingBreak = true }
        return end + 1
    }

    /// Where `{\…}` ends; nil where it is text.
    private static func override(_ scalars: ArraySlice<Unicode.Scalar>) -> Int? {
        guard scalars.starts(with: ["{", "\\"]) else { return nil }
        return scalars.prefix(longestTag).firstIndex(of: "}").map { $0 + 1 }
    }

    private static func named(_ scalars: ArraySlice<Unicode.Scalar>) -> (Unicode.Scalar, Int)? {
        let name = scalars.dropFirst().prefix(longestName)
        guard let end = name.firstIndex(of: ";"),
            let character = characters[String(String.UnicodeScalarView(name[..<end]))]
        else { return nil }
        return (character, end + 1)
    }
}
