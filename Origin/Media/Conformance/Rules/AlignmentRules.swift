import Playlist

/// Playlists that play together, beside each other.
enum AlignmentRules {
    static func check(_ presentation: MeasuredPresentation, _ findings: inout FindingCollector) {
        let media = presentation.media.filter { !$0.playlist.segments.isEmpty }
        guard let reference = media.first(where: { $0.traits.video != nil }) ?? media.first else { return }
        let frame = presentation.frameNanoseconds ?? 25_000_000
        for other in media where other.name != reference.name {
            checkTarget(other, reference, &findings)
            checkDuration(other, reference, frame: frame, &findings)
            checkDiscontinuities(other, reference, frame: frame, &findings)
            checkBoundaries(other, reference, &findings)
        }
        checkIndependence(presentation, &findings)
    }

    private static func checkTarget(
        _ other: MeasuredPlaylist, _ reference: MeasuredPlaylist, _ findings: inout FindingCollector
    ) {
        guard other.playlist.targetDurationSeconds != reference.playlist.targetDurationSeconds else { return }
        findings.add(
            .sameTarget, at: other.place(), stated: "\(other.playlist.targetDurationSeconds) s",
            measured: "\(reference.playlist.targetDurationSeconds) s",
            "The target duration is \(other.playlist.targetDurationSeconds) s, that of \(reference.name) "
                + "\(reference.playlist.targetDurationSeconds) s.")
    }

    private static func checkDuration(
        _ other: MeasuredPlaylist, _ reference: MeasuredPlaylist, frame: Int64, _ findings: inout FindingCollector
    ) {
        guard other.isEnded, reference.isEnded else { return }
        let stated = other.playlist.durationMicroseconds &- reference.playlist.durationMicroseconds
        var difference = stated
        if let left = other.contentNanoseconds, let right = reference.contentNanoseconds {
            difference = (left &- right) / 1_000
        }
        guard difference.magnitude > UInt64(frame / 1_000 + 2) else { return }
        findings.add(
            .sameDuration, at: other.place(), stated: Quantity.seconds(other.playlist.durationMicroseconds),
            measured: Quantity.seconds(difference),
            "The playlist lasts \(Quantity.seconds(abs(difference))) \(difference < 0 ? "less" : "longer") than "
                + "\(reference.name); one frame is \(Quantity.seconds(frame / 1_000)).")
    }

    private static func checkDiscontinuities(
        _ other: MeasuredPlaylist, _ reference: MeasuredPlaylist, frame: Int64, _ findings: inout FindingCollector
    ) {
        guard other.isEnded, reference.isEnded else { return }
        let left = discontinuities(other.playlist)
        let right = discontinuities(reference.playlist)
        // Audio cannot be cut where video can: its frames are its own.
        let isSame =
            left.count == right.count
            && zip(left, right).allSatisfy { ($0 &- $1).magnitude <= UInt64(frame / 1_000 + 30_000) }
        if !isSame {
            findings.add(
                .discontinuities, at: other.place(), stated: "\(left.count)", measured: "\(right.count)",
                "Discontinuities are at other times than in \(reference.name).")
        }
    }

    private static func discontinuities(_ playlist: MediaPlaylist) -> [Int64] {
        var time: Int64 = 0
        return playlist.segments.compactMap { segment in
            defer { time = time &+ segment.durationMicroseconds }
            return segment.isDiscontinuity ? time : nil
        }
    }

    private static func checkBoundaries(
        _ other: MeasuredPlaylist, _ reference: MeasuredPlaylist, _ findings: inout FindingCollector
    ) {
        guard other.container != nil, reference.container != nil else { return }
        if other.isEnded, reference.isEnded, other.playlist.segments.count != reference.playlist.segments.count {
            findings.add(
                .boundaries, at: other.place(), stated: "\(other.playlist.segments.count) segments",
                measured: "\(reference.playlist.segments.count) segments",
                "\(other.playlist.segments.count) segments, \(reference.playlist.segments.count) in \(reference.name).")
            return
        }
        // A frame of sound lasts as long as it lasts.
        let tolerance: Int64 =
            other.traits.video == nil
            ? 1_000_000 + 2_048_000_000_000 / Int64(max(other.traits.audio.first?.sampleRate ?? 0, 44_100)) : 1_000_000
        for (segment, own) in zip(other.segments, reference.segments)
        where segment.number == own.number && !other.playlist.segments.isEmpty {
            guard let left = segment.shownNanoseconds, let right = own.shownNanoseconds else { continue }
            guard (left &- right).magnitude > UInt64(tolerance) else { continue }
            findings.addRepeated(
                .boundaries, at: other.place(segment: segment.number),
                stated: Quantity.seconds(left / 1_000), measured: Quantity.seconds(right / 1_000),
                "The segment begins \(Quantity.seconds((left &- right).magnitudeClamped / 1_000)) "
                    + "\(left < right ? "before" : "after") that of \(reference.name).")
        }
    }

    /// Segments of video begin with IDRs, so a player may be told.
    private static func checkIndependence(
        _ presentation: MeasuredPresentation, _ findings: inout FindingCollector
    ) {
        guard !presentation.outline.playlist.hasIndependentSegments, !presentation.pictures.isEmpty else { return }
        let without = presentation.pictures.compactMap(\.measured).filter { !$0.playlist.hasIndependentSegments }
        let place = Finding.Place(presentation.outline.name)
        if without.isEmpty {
            findings.add(
                .independentSegments, at: place,
                "EXT-X-INDEPENDENT-SEGMENTS is in each media playlist; one in the multivariant playlist is enough.")
        } else {
            findings.add(
                .independentMedia, at: place, measured: "\(without.count) without",
                "EXT-X-INDEPENDENT-SEGMENTS is neither in the multivariant playlist nor in \(without[0].name).")
        }
    }
}

extension Int64 {
    fileprivate var magnitudeClamped: Int64 { Int64(clamping: magnitude) }
}
