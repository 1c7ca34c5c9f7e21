public import JSON
public import Playlist

/// The running account of a presentation: which segments exist and what they weigh.
///
/// Writes every playlist, early and final.
public struct Presentation: Sendable {
    /// What was announced.
    public let outline: PresentationOutline
    private var segments: [[MeasuredBandwidth.Segment]]

    /// Starts without segments.
    public init(outline: PresentationOutline) {
        self.outline = outline
        segments = Array(repeating: [], count: outline.renditions.count)
    }

    /// Notes a stored segment; false if it is not the next one of a known rendition.
    public mutating func add(rendition: Int, number: Int, bytes: Int, durationMicroseconds: Int64) -> Bool {
        guard segments.indices.contains(rendition), number == segments[rendition].count + 1 else { return false }
        segments[rendition].append(.init(bytes: bytes, durationMicroseconds: durationMicroseconds))
        return true
    }

    /// Segments noted of a rendition.
    public func segmentCount(rendition: Int) -> Int { segments[rendition].count }

    /// Whether every rendition has its first segment.
    public var isPlayable: Bool { segments.allSatisfy { !$0.isEmpty } }

    /// Name of the file of segment `number`.
    public static func segmentName(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 5 - digits.utf8.count)) + digits + ".m4s"
    }

    /// Name of every init segment.
    public static let initializationName = "init.mp4"
    /// Name of every playlist.
    public static let playlistName = "index.m3u8"

    /// A rendition's list: EVENT while it grows, VOD at the end.
    public func mediaPlaylist(rendition: Int, isFinal: Bool) -> MediaPlaylist {
        let map = MediaPlaylist.Map(uri: Self.initializationName)
        return MediaPlaylist(
            targetDurationSeconds: outline.targetDurationSeconds, mediaSequence: 1, kind: isFinal ? .vod : .event,
            hasIndependentSegments: true, startOffsetMicroseconds: isFinal ? nil : 0,
            segments: segments[rendition].enumerated().map { index, segment in
                .init(
                    uri: Self.segmentName(index + 1), durationMicroseconds: segment.durationMicroseconds, map: map)
            }, isEnded: isFinal)
    }

    /// The list of variants: with declared maxima while the renditions grow, measured at the end.
    public func multivariant(isFinal: Bool) -> MultivariantPlaylist {
        let group = "audio"
        let sound = outline.renditions.indices.filter { !outline.renditions[$0].isVideo }
        let pictures = outline.renditions.indices.filter { outline.renditions[$0].isVideo }
        let rates = outline.renditions.indices.map { bandwidth(rendition: $0, isFinal: isFinal) }
        let soundPeak = sound.map { rates[$0].peak }.max() ?? 0
        let soundAverage = sound.map { rates[$0].average }.max() ?? 0
        let soundCodecs = Set(sound.map { outline.renditions[$0].codec }).sorted()
        guard !pictures.isEmpty else {
            return MultivariantPlaylist(
                renditions: sound.count > 1 ? sound.map { media($0, group: group) } : [],
                variants: sound.prefix(1).map { index in
                    .init(
                        uri: uri(index), bandwidth: soundPeak, averageBandwidth: soundAverage, codecs: soundCodecs,
                        audioGroup: sound.count > 1 ? group : nil)
                })
        }
        let variants = startFirst(pictures).map { index in
            var variant = MultivariantPlaylist.Variant(
                uri: uri(index), bandwidth: rates[index].peak + soundPeak,
                averageBandwidth: rates[index].average + soundAverage,
                codecs: [outline.renditions[index].codec] + soundCodecs, audioGroup: sound.isEmpty ? nil : group,
                statesNoClosedCaptions: true)
            if case .video(let width, let height, let rate) = outline.renditions[index].content {
                variant.resolution = .init(width: width, height: height)
                variant.frameRateThousandths = rate
            }
            return variant
        }
        return MultivariantPlaylist(renditions: sound.map { media($0, group: group) }, variants: variants)
    }

    /// What a rendition needs: declared before the end, measured at it.
    public func bandwidth(rendition: Int, isFinal: Bool) -> (peak: Int, average: Int) {
        let declared = outline.renditions[rendition]
        guard isFinal else { return (declared.declaredPeak, declared.declaredAverage) }
        let measured = MeasuredBandwidth(
            segments: segments[rendition], targetDurationSeconds: outline.targetDurationSeconds)
        return (measured.peak, measured.average)
    }

    /// Bytes of all segments of a rendition.
    public func bytes(rendition: Int) -> Int { segments[rendition].reduce(0) { $0 + $1.bytes } }

    /// Apple's advice: the first variant, with which a player starts, is the best one up to 2 Mb/s.
    private func startFirst(_ pictures: [Int]) -> [Int] {
        let start = pictures.last { outline.renditions[$0].declaredAverage <= 2_000_000 } ?? pictures.first
        return pictures.filter { $0 == start } + pictures.filter { $0 != start }
    }

    private func uri(_ rendition: Int) -> String { outline.renditions[rendition].name + "/" + Self.playlistName }

    private func media(_ index: Int, group: String) -> MultivariantPlaylist.Rendition {
        var media = MultivariantPlaylist.Rendition(
            kind: .audio, group: group, name: outline.renditions[index].name, uri: uri(index), isAutoselect: true)
        if case .audio(let language, let channels, let isDefault) = outline.renditions[index].content {
            media.language = language ?? "und"
            media.isDefault = isDefault
            media.channels = String(channels)
            if let language { media.name = "\(language) (\(outline.renditions[index].name))" }
        }
        return media
    }
}

extension Presentation {
    /// The renditions as the catalog keeps them: with declared rates while they grow, measured ones at the end. Sizes and
    /// frame rates are 0 for sound.
    public func renditionsJSON(isFinal: Bool) -> JSONValue {
        .array(
            outline.renditions.indices.map { index in
                let rendition = outline.renditions[index]
                let rates = bandwidth(rendition: index, isFinal: isFinal)
                var size = (width: 0, height: 0, rate: 0)
                if case .video(let width, let height, let rate) = rendition.content { size = (width, height, rate) }
                let object: JSONObject = [
                    "name": .string(rendition.name), "width": .integer(Int64(size.width)),
                    "height": .integer(Int64(size.height)), "frameRate": .number(Double(size.rate) / 1000),
                    "codecs": .string(rendition.codec), "bandwidth": .integer(Int64(rates.peak)),
                    "averageBandwidth": .integer(Int64(rates.average)),
                    "segments": .integer(Int64(segmentCount(rendition: index))),
                    "bytes": .integer(Int64(bytes(rendition: index))),
                ]
                return .object(object)
            })
    }
}
