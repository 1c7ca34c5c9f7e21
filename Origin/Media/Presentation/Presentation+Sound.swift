internal import Playlist

/// Sound that can be played with a variant: every language once.
struct SoundGroup {
    let name: String
    /// Indices in the outline, the default one first; empty for silent films.
    let renditions: [Int]
    let isSurround: Bool
}

extension Presentation {
    /// Stereo, which every device plays; and, where there is any, surround, in which languages that have none are stereo: a player
    /// stays in its group when the viewer changes the language (HLS Authoring Specification, appendix on audio rendition groups).
    var soundGroups: [SoundGroup] {
        let begun = outline.sounds.filter { !playable(rendition: $0).isEmpty }
        let stereo = begun.filter { outline.renditions[$0].channels ?? 0 <= 2 }
        let surround = begun.filter { !stereo.contains($0) }
        let groups = [SoundGroup(name: "audio", renditions: stereo, isSurround: false)]
        guard !surround.isEmpty, !stereo.isEmpty else { return groups }
        let surroundOfTrack = Dictionary(
            surround.map { (outline.renditions[$0].track, $0) }, uniquingKeysWith: { first, _ in first })
        let best = stereo.map { surroundOfTrack[outline.renditions[$0].track] ?? $0 }
        return groups + [SoundGroup(name: "surround", renditions: best, isSurround: true)]
    }

    /// EXT-X-MEDIA tags of a group; a sound has the same name in all of them.
    func soundRenditions(of group: SoundGroup) -> [MultivariantPlaylist.Rendition] {
        group.renditions.compactMap { index in
            guard case .audio(let language, let channels, let isDefault, let track) = outline.renditions[index].content
            else { return nil }
            let stereo = soundGroups[0].renditions.first { channels > 2 && outline.renditions[$0].track == track }
            let name = outline.renditions[stereo ?? index].name
            return MultivariantPlaylist.Rendition(
                kind: .audio, group: group.name, name: language.map { "\($0) (\(name))" } ?? name,
                language: language ?? "und", uri: uri(index), isDefault: isDefault, isAutoselect: true,
                channels: String(channels))
        }
    }
}
