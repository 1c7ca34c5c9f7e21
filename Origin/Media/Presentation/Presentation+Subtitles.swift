internal import Playlist

extension Presentation {
    /// Where segments begin and the last one ends, in microseconds, for texts that are cut where the film is: the lowest size of
    /// the picture or, without one, the first sound.
    public var boundaries: [Int64] {
        let film = outline.streams.lazy.map { playable(rendition: $0) }.first { !$0.isEmpty } ?? []
        var end: Int64 = 0
        return [0]
            + film.map { segment in
                end += segment.durationMicroseconds
                return end
            }
    }

    static let subtitlesGroup = "subtitles"

    /// EXT-X-MEDIA tags of the subtitles `indices`.
    ///
    /// A player chooses by language among those with AUTOSELECT=YES; several that differ in nothing it knows of would be one
    /// too many (RFC 8216 §4.3.4.1.1). Those that are forced or made for the deaf always have it (HLS Authoring Specification
    /// 4.6, 5.11).
    func subtitleRenditions(_ indices: [Int]) -> [MultivariantPlaylist.Rendition] {
        var names: Set<String> = []
        var kinds: Set<[String]> = []
        return indices.compactMap { index in
            let outline = outline.renditions[index]
            guard case .subtitles(let language, let title, let isForced, let describesSound) = outline.content else {
                return nil
            }
            let plain = title ?? language.map { "\($0) (\(outline.name))" } ?? outline.name
            var name = plain
            while names.contains(name) { name += " (\(outline.name))" }
            names.insert(name)
            let isFirst = kinds.insert([language ?? "und", "\(isForced)", "\(describesSound)"]).inserted
            return MultivariantPlaylist.Rendition(
                kind: .subtitles, group: Self.subtitlesGroup, name: name, language: language ?? "und", uri: uri(index),
                isAutoselect: isFirst || isForced || describesSound,
                characteristics: describesSound ? Self.forTheDeaf : [], isForced: isForced)
        }
    }

    /// What subtitles are that also say what is heard beside speech (HLS Authoring Specification 4.5).
    private static let forTheDeaf = [
        "public.accessibility.transcribes-spoken-dialog", "public.accessibility.describes-music-and-sound",
    ]
}
