extension MediaPlan {
    /// Says what of the file is not there.
    mutating func noteDamage(of media: ProbedMedia) {
        if media.clockLeaps > 0 {
            let reason = "the file's clock leaps \(media.clockLeaps) times"
            decisions.append(Decision("clock", "leaps closed, read from beginning to end", because: reason))
        }
        if let declared = media.durationSeconds, seconds < declared - max(1, declared / 50) {
            let choice = "\(tenths(seconds)) s"
            let reason =
                "the file declares \(tenths(declared)) s, but its \(video == nil ? "sound" : "pictures") end earlier"
            decisions.append(Decision("length", choice, because: reason))
        } else if media.breaksOff {
            decisions.append(Decision("length", "\(tenths(seconds)) s", because: "the file breaks off"))
        }
    }

    /// Says where sound and pictures do not begin or end together.
    mutating func noteSounds(_ sounds: [ProbedAudio], of media: ProbedMedia) {
        guard video != nil else { return }
        for (plan, sound) in zip(audio, sounds) {
            guard let measured = media.streams.first(where: { $0.index == sound.streamIndex })?.measured,
                let start = measured.startMicroseconds, let end = measured.endMicroseconds
            else { continue }
            let late = (start - originMicroseconds) / 1000
            if late >= 100 {
                decisions.append(Decision(plan.name, "silence first", because: "the sound begins \(late) ms late"))
            }
            let length = samples * 1000 / Int64(AudioPlan.sampleRate)
            let over = (end - originMicroseconds) / 1000 - length
            if over > 500 {
                let reason = "the sound is \(over) ms longer"
                decisions.append(Decision(plan.name, "cut where the pictures end", because: reason))
            } else if over < -500 {
                let reason = "the sound is \(-over) ms shorter"
                decisions.append(Decision(plan.name, "silence until the pictures end", because: reason))
            }
        }
    }

    /// Decides how the pictures are divided among units of work.
    mutating func noteSpans(of media: ProbedMedia) {
        guard video != nil else { return }
        let spans = pictureSpans(of: media)
        guard spans.count == 1 else {
            let reason = "each begins at a keyframe of the source, and several processes can work at once"
            decisions.append(Decision("spans", "\(spans.count)", because: reason))
            return
        }
        let isLong = spans[0].segments.count > SpanPlan.leastSegments
        let reason = isLong ? whyNotSought(media) : "it is short"
        decisions.append(Decision("spans", "1, read from the beginning", because: reason))
    }

    private func whyNotSought(_ media: ProbedMedia) -> String {
        if media.clockLeaps > 0 { return "the file's clock leaps" }
        if !media.canSeek { return "the container gives no reliable way to the middle" }
        if media.pictures?.keys.count ?? 0 < 2 { return "nothing but its first picture stands by itself" }
        return "not every picture has a time"
    }

    private func tenths(_ seconds: Double) -> String {
        let tenths = Int((seconds * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}
