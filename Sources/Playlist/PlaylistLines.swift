/// The lines of a playlist after the rules of RFC 8216 §4.1 that hold for every kind: UTF-8 without a byte order mark,
/// no control characters, LF or CRLF, `#EXTM3U` first.
struct PlaylistLines {
    struct Line {
        let number: Int
        let text: Substring
    }

    enum Content {
        case tag(name: Substring, value: Substring?)
        case uri(Substring)
    }

    /// Everything after `#EXTM3U`, without blank lines and comments.
    private(set) var lines: [Line] = []
    /// Lines that are left out, and what is wrong with the text as a whole.
    private(set) var problems: [PlaylistError] = []

    init(_ bytes: some Collection<UInt8>) {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            problems = [PlaylistError(line: 0, reason: "a playlist must be UTF-8")]
            return
        }
        var number = 0
        for piece in text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            number += 1
            var line = Substring(piece)
            if line.utf8.last == UInt8(ascii: "\r") { line = Substring(piece.dropLast()) }
            if line.unicodeScalars.contains(where: { $0.value < 0x20 || (0x7f...0x9f).contains($0.value) }) {
                note(PlaylistError(line: number, reason: "control characters are not allowed"))
            } else if number == 1 {
                if line != "#EXTM3U" { note(PlaylistError(line: 1, reason: "the first line must be #EXTM3U")) }
            } else if !line.isEmpty, !line.utf8.starts(with: "#".utf8) || line.utf8.starts(with: "#EXT".utf8) {
                lines.append(Line(number: number, text: line))
            }
        }
    }

    private mutating func note(_ problem: PlaylistError) {
        if problems.count < PlaylistReading<Never>.limit { problems.append(problem) }
    }

    static func content(of line: Line) -> Content {
        guard line.text.utf8.first == UInt8(ascii: "#") else { return .uri(line.text) }
        let body = line.text.dropFirst()
        guard let colon = body.utf8.firstIndex(of: UInt8(ascii: ":")) else { return .tag(name: body, value: nil) }
        return .tag(name: body[..<colon], value: body[body.utf8.index(after: colon)...])
    }
}
