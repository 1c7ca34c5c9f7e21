/// The lines of a file of subtitles, one after the other, and the cues that were in them.
struct CaptionReader {
    private(set) var cues: [CueList.Cue] = []
    private let lines: [Substring]
    private var next = 0
    private var bytes = 0

    init(_ text: String) {
        // A line ends with CR LF, LF or CR: the first of these is one character to Swift.
        let whole = text.unicodeScalars.first == "\u{feff}" ? String(text.unicodeScalars.dropFirst()) : text
        lines = whole.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" || $0 == "\r" }
    }

    /// The line that is next, without going on.
    private var line: Substring? { next < lines.count ? lines[next] : nil }

    private func fault(_ reason: String, at line: Int? = nil) -> CaptionFile.Fault {
        CaptionFile.Fault(line: (line ?? next) + 1, reason: reason)
    }

    mutating func readWebVTT() throws(CaptionFile.Fault) {
        guard let first = line, first == "WEBVTT" || first.hasPrefix("WEBVTT ") || first.hasPrefix("WEBVTT\t") else {
            throw fault("is not WEBVTT, with which such a file begins.")
        }
        let header = block()
        if let index = header.firstIndex(where: { $0.hasPrefix("X-TIMESTAMP-MAP") || $0.contains("-->") }) {
            throw fault("does not belong there: this is a part of a stream, or a blank line is missing.", at: index)
        }
        while skipBlankLines() {
            let start = next
            let block = block()
            guard let arrow = block.prefix(2).firstIndex(where: { $0.contains("-->") }) else {
                let kind = block[0].prefix { $0 != " " && $0 != "\t" }
                guard ["NOTE", "STYLE", "REGION"].contains(kind) else {
                    throw fault("begins neither a text with its times nor a note.", at: start)
                }
                continue
            }
            try add(block[arrow], at: start + arrow, block.dropFirst(arrow + 1), .webVTT)
        }
    }

    mutating func readSubRip() throws(CaptionFile.Fault) {
        while skipBlankLines() {
            let start = next
            let block = block()
            let number = block[0].trimmingBlanks
            guard !number.isEmpty, number.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
                throw fault("must be the number of a text.", at: start)
            }
            guard block.count > 1 else { throw fault("must have times behind it.", at: start) }
            try add(block[1], at: start + 1, block.dropFirst(2), .subRip)
        }
    }

    /// Goes on to a line that says something; false at the end.
    private mutating func skipBlankLines() -> Bool {
        while let line, line.trimmingBlanks.isEmpty { next += 1 }
        return line != nil
    }

    /// The lines up to a blank one.
    private mutating func block() -> [Substring] {
        let start = next
        while let line, !line.trimmingBlanks.isEmpty { next += 1 }
        return Array(lines[start..<next])
    }

    private mutating func add(
        _ times: Substring, at place: Int, _ text: ArraySlice<Substring>, _ markup: CueText.Markup
    ) throws(CaptionFile.Fault) {
        guard let (start, end) = CueTimes.read(times, markup) else {
            throw fault("has no times as they are written: hours:minutes:seconds and thousandths, twice.", at: place)
        }
        guard start < end else { throw fault("ends before it begins.", at: place) }
        if let index = text.firstIndex(where: { $0.contains("-->") }) {
            throw fault("has times where a text is: a blank line is missing.", at: place + 1 + index - text.startIndex)
        }
        guard let cue = CueText.text(of: Array(text), markup) else { return }
        bytes += cue.utf8.count
        guard cues.count < CueList.maximumCues, bytes <= CueList.maximumBytes else {
            throw fault(
                "is one too many: there may be \(CueList.maximumCues) texts, of \(CueList.maximumBytes) bytes together.",
                at: place)
        }
        cues.append(CueList.Cue(start: start, end: end, text: cue))
    }
}

extension Substring {
    /// Without spaces and tabs at its ends.
    var trimmingBlanks: Substring {
        var rest = self
        while let first = rest.first, first == " " || first == "\t" { rest = rest.dropFirst() }
        while let last = rest.last, last == " " || last == "\t" { rest = rest.dropLast() }
        return rest
    }
}
