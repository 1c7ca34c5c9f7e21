internal import JSON
internal import MediaPlan
internal import Presentation

extension MediaPlan {
    /// The work in the order in which it is best done: what lets playing begin, all sound and subtitles, then the film from beginning to
    /// end, and only when it is whole in H.264 the ladders in other codecs; notes how it is divided.
    mutating func units(of media: ProbedMedia) -> [UnitOutline] {
        var units: [UnitOutline] = []
        let spans = pictureSpans(of: media)
        var top = topSpans(of: media)
        var groups: [(span: PictureSpan, renditions: [Int])] = []
        if let video, let first = spans.first {
            let all = Array(video.encodedRungs)
            let beginsCopied = video.copy != nil && !video.isEncoded(all.count, in: 1...1)
            if beginsCopied { groups.append((top.removeFirst(), [all.count])) }
            let low = beginsCopied ? all.count : lowRungs(of: video, in: first)
            if low < all.count { groups.append((first, Array(all[..<low]))) }
            groups.append((first, (low < all.count ? Array(all[low...]) : all) + byProductRenditions))
            // Of what begins at the same time, the top comes first: what is copied takes next to nothing.
            let later =
                top.map { ($0, [all.count]) }
                + spans.dropFirst().map { ($0, all + byProductRenditions) }
            groups += later.enumerated().sorted {
                ($0.element.0.segments.lowerBound, $0.offset) < ($1.element.0.segments.lowerBound, $1.offset)
            }.map(\.element)
            groups += video.alternativeLadders.flatMap { ladder in spans.map { ($0, Array(ladder)) } }
        }
        for (index, group) in groups.enumerated() {
            units.append(pictures(group.span, renditions: group.renditions, number: units.count + 1))
            if index == 0, !audio.isEmpty || !subtitles.isEmpty { units.append(sound(number: 2)) }
        }
        if groups.isEmpty { units.append(sound(number: 1)) }
        return units
    }

    /// How many of the lowest rungs of the first span come before all others.
    private mutating func lowRungs(of video: VideoPlan, in span: PictureSpan) -> Int {
        if span.segments.count > SpanPlan.leastSegments { return lowHalf(of: video) }
        guard video.rungs.count > 2 else { return video.rungs.count }
        let pixels = Double(video.sourceWidth * video.sourceHeight) * grid.rate.value
        let isHeavy = pixels > Self.heavyPixelsPerSecond
        let low = isHeavy ? 1 : 2
        let rate = Int(pixels / 1_000_000)
        let reason =
            isHeavy
            ? "\(rate) million pixels a second take so long to decode that one size must do to begin with"
            : "they take the least time, so that playing can begin"
        decisions.append(Decision("first", names(of: video, low), because: reason))
        return low
    }

    /// What cannot be divided by time is by size: the lowest rungs that have half of all pixels, or less, and the rest.
    private mutating func lowHalf(of video: VideoPlan) -> Int {
        let pixels = video.rungs.map { $0.width * $0.height / $0.frameStep }
        let half = pixels.reduce(0, +) / 2
        let low = max(1, pixels.indices.filter { pixels[...$0].reduce(0, +) <= half }.count)
        guard low < pixels.count else { return low }
        let reason = "the film is one span, so that two processes can work on it by size alone"
        decisions.append(Decision("first", names(of: video, low), because: reason))
        return low
    }

    private func names(of video: VideoPlan, _ count: Int) -> String {
        let names = video.rungs.prefix(count).map(\.name)
        return names.count > 1 ? names.dropLast().joined(separator: ", ") + " and \(names[count - 1])" : names[0]
    }

    /// 1080p at 50 frames per second.
    private static let heavyPixelsPerSecond = 1920.0 * 1080 * 50

    private func pictures(_ span: PictureSpan, renditions: [Int], number: Int) -> UnitOutline {
        UnitOutline(
            number: number, kind: .pictures, renditions: renditions, segments: span.segments,
            memoryMebibytes: memoryMebibytes(
                rungs: renditions.filter { video?.isEncoded($0, in: span.segments) == true }),
            detail: span.json)
    }

    private func sound(number: Int) -> UnitOutline {
        UnitOutline(
            number: number, kind: .sound, renditions: Array(soundRenditions) + Array(subtitleRenditions),
            segments: 1...max(1, grid.segments(frames: frames)),
            memoryMebibytes: memoryMebibytes(rungs: []) + 2 * subtitles.count, detail: [:])
    }

    /// What a unit that encodes `rungs` takes at most; without any, what one of sound takes, or one that copies.
    ///
    /// Measured: a process with its libraries 56 MiB, x264 with the look-ahead of "veryfast" 77 bytes for each pixel of a
    /// size, x265 with the same preset 199, SVT-AV1 175 and 49 MiB beside them, decoders up to 30 for each of the source, tone
    /// mapping with its floating point 60 more.
    private func memoryMebibytes(rungs: [Int]) -> Int {
        let base = 60
        guard let video, !rungs.isEmpty else { return base }
        let source = video.sourceWidth * video.sourceHeight * (video.toneMaps ? 96 : 36)
        let encoders = rungs.map { video.sizes[$0] }.reduce(0) { sum, size in
            sum + size.codec.encoderBytes + size.width * size.height * size.codec.encoderBytesPerPixel
        }
        return base + (source + encoders) >> 20
    }
}

extension VideoCodec {
    /// Memory that the encoder takes, whatever the size of its pictures.
    fileprivate var encoderBytes: Int { self == .av1 ? 50 << 20 : 0 }

    /// Memory that the encoder takes, for each pixel of its pictures.
    fileprivate var encoderBytesPerPixel: Int {
        switch self {
        case .h264: 80
        case .hevc: 210
        case .av1: 180
        }
    }
}
