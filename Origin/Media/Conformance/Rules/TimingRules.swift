/// What EXTINF says beside how long the segments are.
enum TimingRules {
    /// - Parameter frameNanoseconds: shortest usual frame of the presentation's pictures; nil when there are none.
    static func check(
        _ measured: MeasuredPlaylist, frameNanoseconds: Int64?, _ findings: inout FindingCollector
    ) {
        let own = measured.traits.audio.first.flatMap {
            $0.sampleRate > 0 ? 1_024_000_000_000 / Int64($0.sampleRate) : nil
        }
        guard let frame = frameNanoseconds ?? own, measured.role != .subtitles else { return }
        // Six decimals are what EXTINF usually has.
        let tolerance = frame + 2_000
        // The error of a run is the difference of the errors at its ends: the widest such difference is that of the extremes.
        var error: Int64 = 0
        var lowest: (value: Int64, number: Int) = (0, 0)
        var highest: (value: Int64, number: Int) = (0, 0)
        for (index, segment) in measured.segments.enumerated() {
            guard let duration = duration(of: index, in: measured) else {
                if measured.role == .iFrames, index == measured.segments.count - 1 { break }
                return
            }
            error = error &+ segment.statedMicroseconds &* 1_000 &- duration
            if error < lowest.value { lowest = (error, segment.number) }
            if error > highest.value { highest = (error, segment.number) }
        }
        let drift = highest.value &- lowest.value
        guard drift > tolerance else { return }
        let (from, to) = (min(lowest.number, highest.number), max(lowest.number, highest.number))
        let isLong = highest.number > lowest.number
        let run =
            to == from + 1
            ? "The EXTINF of segment \(to) is" : "The EXTINFs of segments \(from + 1) to \(to) are together"
        findings.add(
            .exactDurations, at: measured.place(segment: to), measured: Quantity.seconds(drift / 1_000),
            "\(run) \(Quantity.seconds(drift / 1_000)) \(isLong ? "longer" : "shorter") than what is in the bytes; "
                + "one frame is \(Quantity.seconds(frame / 1_000)).")
    }

    /// Of a key frame for scrubbing, the time to the next one.
    private static func duration(of index: Int, in measured: MeasuredPlaylist) -> Int64? {
        let segment = measured.segments[index]
        guard measured.role == .iFrames else { return measured.contentNanoseconds(segment) }
        guard index + 1 < measured.segments.count, !measured.segments[index + 1].isDiscontinuity,
            let start = segment.shownNanoseconds, let next = measured.segments[index + 1].shownNanoseconds
        else { return nil }
        return next &- start
    }
}
