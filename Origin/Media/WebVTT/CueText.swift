/// Turns styled text into the text of a cue.
///
/// Tags are written only where text follows, so that no line is empty and every tag is closed in the order of nesting.
public struct CueText {
    /// A longer text is cut; in bytes, tags and escapes included.
    public static let maximumBytes = 2048
    /// Further lines are left out.
    public static let maximumLines = 24

    static let tags = ["b", "i", "u"]
    /// Room for one character with all tags around it, the mark of a cut, and the closing tags.
    private static let reserve = 56

    private var text = ""
    private var lines = 1
    private(set) var isCut = false
    /// Which of `tags` the next character is to stand in, and which are open.
    var wanted = [false, false, false]
    private var opened: [Int] = []
    private var pendingSpace = false
    var pendingBreak = false
    /// Whether what comes is a drawing: coordinates, not text.
    private var isDrawing = false

    /// The text of `event`, or nil if nothing of it can be read: the nine fields of an ASS dialogue line, of which the last is
    /// the text.
    public static func text(ofDialogue event: [UInt8]) -> String? {
        var commas = 0
        let start = event.firstIndex { byte in
            if byte == UInt8(ascii: ",") { commas += 1 }
            return commas == 8
        }
        guard let start else { return nil }
        var reader = CueText()
        reader.read(Array(String(decoding: event[(start + 1)...], as: UTF8.self).unicodeScalars))
        return reader.finish()
    }

    private mutating func read(_ scalars: [Unicode.Scalar]) {
        let lastBrace = scalars.lastIndex(of: "}") ?? -1
        var index = 0
        while index < scalars.count, !isCut {
            let scalar = scalars[index]
            index += 1
            switch scalar {
            case "{" where index <= lastBrace:
                let end = scalars[index...].firstIndex(of: "}") ?? lastBrace
                style(scalars[index..<end])
                index = end + 1
            case "\\" where index < scalars.count:
                index += escape(scalars[index])
            case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}":
                pendingBreak = true
            default:
                show(scalar)
            }
        }
    }

    /// What a backslash stands for; how many characters behind it belong to it.
    private mutating func escape(_ next: Unicode.Scalar) -> Int {
        switch next {
        case "N": pendingBreak = true
        case "n", "h": pendingSpace = true
        case "{", "}": show(next)
        // The decoder of WebVTT puts a word joiner behind a backslash that is one.
        case "\u{2060}": show("\\")
        default:
            show("\\")
            return 0
        }
        return 1
    }

    /// Reads the tags between two braces; what is in parentheses is about movement and shape.
    private mutating func style(_ block: ArraySlice<Unicode.Scalar>) {
        var index = block.startIndex
        while index < block.endIndex {
            defer { index += 1 }
            if block[index] == "(" {
                index = block[index...].firstIndex(of: ")") ?? block.endIndex - 1
            } else if block[index] == "\\" {
                let rest = block[(index + 1)...]
                let name = rest.prefix { ("a"..."z").contains($0) || ("A"..."Z").contains($0) }
                let digits = rest[name.endIndex...].prefix { ("0"..."9").contains($0) }.prefix(6)
                let number = digits.reduce(0) { $0 * 10 + Int($1.value - 0x30) }
                switch name.count == 1 ? name.first : nil {
                case "b": wanted[0] = number == 1 || number >= 600
                case "i": wanted[1] = number == 1
                case "u": wanted[2] = number == 1
                case "p": isDrawing = number > 0
                default: if name.first == "r" { wanted = [false, false, false] }
                }
                index = digits.endIndex - 1
            }
        }
    }

    mutating func show(_ scalar: Unicode.Scalar) {
        guard !isDrawing else { return }
        if scalar.properties.isWhitespace {
            pendingSpace = true
            return
        }
        switch scalar.value {
        // Control characters, and marks of byte order.
        case 0..<0x20, 0x7f..<0xa0, 0xfeff, 0xfffe, 0xffff: return
        default: break
        }
        if pendingBreak, !text.isEmpty {
            guard lines < Self.maximumLines else {
                cut()
                return
            }
            lines += 1
        }
        match()
        switch scalar {
        case "&": text += "&amp;"
        case "<": text += "&lt;"
        case ">": text += "&gt;"
        default: text.unicodeScalars.append(scalar)
        }
        if text.utf8.count > Self.maximumBytes - Self.reserve { cut() }
    }

    /// Opens and closes tags until they are those that are wanted, with what separates words between them.
    private mutating func match() {
        let isRight = opened == wanted.indices.filter { wanted[$0] }
        if !isRight { close() }
        if !text.isEmpty {
            if pendingBreak { text += "\n" } else if pendingSpace { text += " " }
        }
        pendingBreak = false
        pendingSpace = false
        guard !isRight else { return }
        for index in wanted.indices where wanted[index] {
            text += "<\(Self.tags[index])>"
            opened.append(index)
        }
    }

    private mutating func close() {
        for index in opened.reversed() { text += "</\(Self.tags[index])>" }
        opened = []
    }

    private mutating func cut() {
        text += "…"
        isCut = true
    }

    mutating func finish() -> String? {
        guard !text.isEmpty else { return nil }
        close()
        return text
    }
}
