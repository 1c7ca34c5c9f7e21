/// A file of subtitles as people have them, read strictly: what is not understood is refused with its line.
public struct CaptionFile: Sendable, Equatable {
    /// How a file is written.
    public enum Format: Sendable {
        /// W3C WebVTT.
        case webVTT
        /// SubRip, `.srt`, in UTF-8.
        case subRip
    }

    /// What is wrong with a file.
    public struct Fault: Error, Sendable, Equatable, CustomStringConvertible {
        /// The line, from 1; nil where it is about the whole.
        public let line: Int?
        /// What is wrong.
        public let reason: String

        /// The line and what is wrong there.
        public var description: String { line.map { "Line \($0) \(reason)" } ?? "The file \(reason)" }
    }

    /// The texts, in the order of the file.
    public let cues: [CueList.Cue]

    /// Reads a file.
    public init(_ bytes: [UInt8], _ format: Format) throws(Fault) {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Fault(line: nil, reason: "is not UTF-8.")
        }
        var reader = CaptionReader(text)
        switch format {
        case .webVTT: try reader.readWebVTT()
        case .subRip: try reader.readSubRip()
        }
        guard !reader.cues.isEmpty else { throw Fault(line: nil, reason: "has no texts.") }
        cues = reader.cues
    }

    /// All of it, as a WebVTT file that reads as the same.
    public var webVTT: String { cues.reduce(into: "WEBVTT\n") { $0 += "\n" + $1.webVTT } }

    /// The texts that a film of `length` milliseconds has time for.
    public func list(length: Int64) -> CueList {
        var list = CueList(length: length)
        for cue in cues { list.add(cue.text, from: cue.start, to: cue.end) }
        return list
    }
}
