/// What is made of one stream of subtitles that are text: WebVTT in segments.
public struct SubtitlePlan: Sendable, Equatable {
    /// Index in the file.
    public var streamIndex: Int
    /// Folder of the rendition: "subtitles" for the first, then "subtitles-2" and so on.
    public var name: String
    /// BCP 47 tag; nil if the file does not say.
    public var language: String?
    /// What the file calls the stream, fit to be shown; nil if it does not.
    public var title: String?
    /// Whether they translate only what is not understood without them, and are shown even to those who want none.
    public var isForced: Bool
    /// Whether they also say what is heard beside speech.
    public var describesSound: Bool

    /// Streams made of one upload; a film in many languages has about 30.
    public static let maximumCount = 32
    /// Characters of a title.
    static let maximumTitleCharacters = 64

    /// States a plan.
    public init(
        streamIndex: Int, name: String, language: String? = nil, title: String? = nil, isForced: Bool = false,
        describesSound: Bool = false
    ) {
        self.streamIndex = streamIndex
        self.name = name
        self.language = language
        self.title = title
        self.isForced = isForced
        self.describesSound = describesSound
    }
}

extension SubtitlePlan {
    /// Plans the streams of `media` that are text and have any.
    static func plans(for media: ProbedMedia, decisions: inout [MediaPlan.Decision]) -> [SubtitlePlan] {
        let present = media.subtitles.filter { subtitles in
            media.streams.contains { $0.index == subtitles.streamIndex && $0.measured.packets > 0 }
        }
        if present.count > maximumCount {
            let reason = "the file has \(present.count) streams of them"
            decisions.append(.init("subtitles", "the first \(maximumCount)", because: reason))
        }
        return present.prefix(maximumCount).enumerated().map { index, stream in
            let name = index == 0 ? "subtitles" : "subtitles-\(index + 1)"
            let isStyled = stream.codec == "ass" || stream.codec == "ssa"
            let choice = isStyled ? "WebVTT in segments, without colours and places" : "WebVTT in segments"
            decisions.append(.init(name, choice, because: "the source is \(stream.codec), which is text"))
            return SubtitlePlan(
                streamIndex: stream.streamIndex, name: name, language: stream.language.flatMap(Language.tag),
                title: stream.title.flatMap(title), isForced: stream.isForced, describesSound: stream.describesSound)
        }
    }

    /// `text` without what could leave its quotes, or nil if nothing is left.
    private static func title(_ text: String) -> String? {
        var title = ""
        for character in text.prefix(4 * maximumTitleCharacters) where title.count < maximumTitleCharacters {
            let isPlain = character.unicodeScalars.allSatisfy(isPlain) && character.unicodeScalars.count <= 8
            title.append(character == "\"" ? "'" : isPlain ? character : " ")
        }
        let words = title.split(separator: " ").joined(separator: " ")
        return words.isEmpty ? nil : words
    }

    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
        default: true
        }
    }
}
