public import Playlist

extension Presentation {
    /// Name of every init segment.
    public static let initializationName = "init.mp4"
    /// Name of every playlist.
    public static let playlistName = "index.m3u8"

    /// A rendition's list: EVENT while it grows, VOD at the end.
    public func mediaPlaylist(rendition: Int, isFinal: Bool) -> MediaPlaylist {
        let isTrickPlay = outline.renditions[rendition].isTrickPlay
        return MediaPlaylist(
            targetDurationSeconds: outline.targetDurationSeconds, mediaSequence: 1, kind: isFinal ? .vod : .event,
            hasIndependentSegments: true, startOffsetMicroseconds: isFinal || isTrickPlay ? nil : 0,
            segments: playable(rendition: rendition).flatMap(entries), isEnded: isFinal,
            isIFramesOnly: isTrickPlay)
    }

    private func entries(for segment: StoredSegment) -> [MediaPlaylist.Segment] {
        let rendition = outline.renditions[segment.rendition]
        let uri = rendition.fileName(segment.number)
        let map = rendition.hasInitialization ? MediaPlaylist.Map(uri: Self.initializationName) : nil
        guard segment.fragments.isEmpty else {
            var offset = 0
            return segment.fragments.enumerated().map { index, fragment in
                defer { offset += fragment.bytes }
                return .init(
                    uri: uri, durationMicroseconds: fragment.durationMicroseconds,
                    byteRange: .init(length: fragment.bytes, offset: offset), map: map,
                    keys: keys(of: segment, part: index + 1))
            }
        }
        return [
            .init(
                uri: uri, durationMicroseconds: segment.durationMicroseconds, map: map, keys: keys(of: segment),
                bitrateKilobits: rendition.isSubtitles ? nil : segment.kilobits)
        ]
    }

    /// The list of variants that have begun: with declared maxima while the renditions grow, measured at the end.
    public func multivariant(isFinal: Bool) -> MultivariantPlaylist {
        let pictures = outline.pictures.filter { !playable(rendition: $0).isEmpty }
        let subtitles = outline.subtitles.filter { !playable(rendition: $0).isEmpty }
        let text = Combination(of: subtitles, in: self, isFinal: isFinal)
        let variants = soundGroups.flatMap { group in
            let sound = Combination(of: group.renditions, in: self, isFinal: isFinal)
            guard !pictures.isEmpty else {
                return group.renditions.prefix(1).map { soundVariant($0, in: group, sound, text) }
            }
            return startFirst(pictures, isFinal: isFinal).map { variant($0, in: group, sound, text, isFinal: isFinal) }
        }
        // Sound alone in one form is all there is to choose.
        let isChoice = !pictures.isEmpty || variants.contains { $0.audioGroup != nil }
        return MultivariantPlaylist(
            renditions: (isChoice ? soundGroups.flatMap(soundRenditions) : []) + subtitleRenditions(subtitles),
            variants: variants,
            iFrameVariants: pictures.isEmpty
                ? []
                : outline.trickPlays.filter { !playable(rendition: $0).isEmpty }
                    .map { iFrameVariant($0, isFinal: isFinal) })
    }

    /// The dearest choice among renditions of which one is played.
    private struct Combination {
        let isEmpty: Bool
        let peak: Int
        let average: Int
        let codecs: [String]

        init(of renditions: [Int], in presentation: Presentation, isFinal: Bool) {
            let rates = renditions.map { presentation.bandwidth(rendition: $0, isFinal: isFinal) }
            isEmpty = renditions.isEmpty
            peak = rates.map(\.peak).max() ?? 0
            average = rates.map(\.average).max() ?? 0
            codecs = Set(renditions.map { presentation.outline.renditions[$0].codec }).sorted()
        }
    }

    /// A size with the sound of `group`; at the same size the one with more channels ranks higher.
    private func variant(
        _ index: Int, in group: SoundGroup, _ sound: Combination, _ text: Combination, isFinal: Bool
    ) -> MultivariantPlaylist.Variant {
        let rates = bandwidth(rendition: index, isFinal: isFinal)
        var variant = MultivariantPlaylist.Variant(
            uri: uri(index), bandwidth: rates.peak + sound.peak + text.peak,
            averageBandwidth: rates.average + sound.average + text.average,
            codecs: [outline.renditions[index].codec] + sound.codecs + text.codecs,
            audioGroup: sound.isEmpty ? nil : group.name, statesNoClosedCaptions: true,
            subtitlesGroup: text.isEmpty ? nil : Self.subtitlesGroup, videoRange: .sdr,
            scoreThousandths: rank(of: index) * 1000 + (group.isSurround ? 500 : 0))
        if case .video(let width, let height, let rate) = outline.renditions[index].content {
            variant.resolution = .init(width: width, height: height)
            variant.frameRateThousandths = rate
        }
        return variant
    }

    /// Place of a size among all, from 1: by pixels, and at the same number of them the later codec is the better one.
    private func rank(of index: Int) -> Int {
        let pixels = { (index: Int) -> Int in
            guard case .video(let width, let height, _) = outline.renditions[index].content else { return 0 }
            return width * height
        }
        return outline.pictures.count { (pixels($0), $0) <= (pixels(index), index) }
    }

    private func soundVariant(
        _ index: Int, in group: SoundGroup, _ sound: Combination, _ text: Combination
    ) -> MultivariantPlaylist.Variant {
        let isChoice = group.renditions.count > 1 || soundGroups.count > 1
        return .init(
            uri: uri(index), bandwidth: sound.peak + text.peak, averageBandwidth: sound.average + text.average,
            codecs: sound.codecs + text.codecs, audioGroup: isChoice ? group.name : nil,
            subtitlesGroup: text.isEmpty ? nil : Self.subtitlesGroup)
    }

    private func iFrameVariant(_ index: Int, isFinal: Bool) -> MultivariantPlaylist.IFrameVariant {
        let rates = bandwidth(rendition: index, isFinal: isFinal)
        var variant = MultivariantPlaylist.IFrameVariant(
            uri: uri(index), bandwidth: rates.peak, averageBandwidth: rates.average,
            codecs: [outline.renditions[index].codec], videoRange: .sdr)
        if case .trickPlay(let width, let height) = outline.renditions[index].content {
            variant.resolution = .init(width: width, height: height)
        }
        return variant
    }

    /// Apple's advice: the first variant, with which a player starts, is the best one up to 2 Mb/s; in the first codec, which
    /// every player takes.
    private func startFirst(_ pictures: [Int], isFinal: Bool) -> [Int] {
        let family = pictures.first.map { outline.renditions[$0].codecFamily }
        let start =
            pictures.last { index in
                outline.renditions[index].codecFamily == family
                    && bandwidth(rendition: index, isFinal: isFinal).average <= 2_000_000
            } ?? pictures.first
        return pictures.filter { $0 == start } + pictures.filter { $0 != start }
    }

    func uri(_ rendition: Int) -> String { outline.renditions[rendition].name + "/" + Self.playlistName }
}
