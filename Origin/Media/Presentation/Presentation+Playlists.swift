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
            return segment.fragments.map { fragment in
                defer { offset += fragment.bytes }
                return .init(
                    uri: uri, durationMicroseconds: fragment.durationMicroseconds,
                    byteRange: .init(length: fragment.bytes, offset: offset), map: map)
            }
        }
        return [
            .init(
                uri: uri, durationMicroseconds: segment.durationMicroseconds, map: map,
                bitrateKilobits: rendition.isSubtitles ? nil : segment.kilobits)
        ]
    }

    /// The list of variants that have begun: with declared maxima while the renditions grow, measured at the end.
    public func multivariant(isFinal: Bool) -> MultivariantPlaylist {
        let sounds = outline.sounds.filter { !playable(rendition: $0).isEmpty }
        let pictures = outline.pictures.filter { !playable(rendition: $0).isEmpty }
        let subtitles = outline.subtitles.filter { !playable(rendition: $0).isEmpty }
        let sound = Combination(of: sounds, in: self, isFinal: isFinal)
        let text = Combination(of: subtitles, in: self, isFinal: isFinal)
        guard !pictures.isEmpty else {
            let group = sounds.count > 1 ? Self.soundGroup : nil
            return MultivariantPlaylist(
                renditions: (group == nil ? [] : sounds.map(soundRendition)) + subtitleRenditions(subtitles),
                variants: sounds.prefix(1).map { index in
                    .init(
                        uri: uri(index), bandwidth: sound.peak + text.peak,
                        averageBandwidth: sound.average + text.average, codecs: sound.codecs + text.codecs,
                        audioGroup: group, subtitlesGroup: text.isEmpty ? nil : Self.subtitlesGroup)
                })
        }
        return MultivariantPlaylist(
            renditions: sounds.map(soundRendition) + subtitleRenditions(subtitles),
            variants: startFirst(pictures, isFinal: isFinal).map {
                variant($0, with: sound, and: text, isFinal: isFinal)
            },
            iFrameVariants: outline.trickPlays.filter { !playable(rendition: $0).isEmpty }
                .map { iFrameVariant($0, isFinal: isFinal) })
    }

    private static let soundGroup = "audio"

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

    private func variant(
        _ index: Int, with sound: Combination, and text: Combination, isFinal: Bool
    ) -> MultivariantPlaylist.Variant {
        let rates = bandwidth(rendition: index, isFinal: isFinal)
        var variant = MultivariantPlaylist.Variant(
            uri: uri(index), bandwidth: rates.peak + sound.peak + text.peak,
            averageBandwidth: rates.average + sound.average + text.average,
            codecs: [outline.renditions[index].codec] + sound.codecs + text.codecs,
            audioGroup: sound.isEmpty ? nil : Self.soundGroup, statesNoClosedCaptions: true,
            subtitlesGroup: text.isEmpty ? nil : Self.subtitlesGroup, videoRange: .sdr,
            scoreThousandths: (index + 1) * 1000)
        if case .video(let width, let height, let rate) = outline.renditions[index].content {
            variant.resolution = .init(width: width, height: height)
            variant.frameRateThousandths = rate
        }
        return variant
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

    /// Apple's advice: the first variant, with which a player starts, is the best one up to 2 Mb/s.
    private func startFirst(_ pictures: [Int], isFinal: Bool) -> [Int] {
        let start =
            pictures.last { bandwidth(rendition: $0, isFinal: isFinal).average <= 2_000_000 } ?? pictures.first
        return pictures.filter { $0 == start } + pictures.filter { $0 != start }
    }

    func uri(_ rendition: Int) -> String { outline.renditions[rendition].name + "/" + Self.playlistName }

    private func soundRendition(_ index: Int) -> MultivariantPlaylist.Rendition {
        let name = outline.renditions[index].name
        var rendition = MultivariantPlaylist.Rendition(
            kind: .audio, group: Self.soundGroup, name: name, uri: uri(index), isAutoselect: true)
        if case .audio(let language, let channels, let isDefault) = outline.renditions[index].content {
            rendition.language = language ?? "und"
            rendition.isDefault = isDefault
            rendition.channels = String(channels)
            if let language { rendition.name = "\(language) (\(name))" }
        }
        return rendition
    }
}
