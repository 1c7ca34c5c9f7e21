extension AudioPlan {
    /// Plans `sounds` of `media`, the default one first: stereo of each, and 5.1 of those with as many channels or more.
    static func plans(
        for sounds: [ProbedAudio], of media: ProbedMedia, origin: Int64, decisions: inout [MediaPlan.Decision]
    ) -> [AudioPlan] {
        let numbered = Array(sounds.enumerated())
        let wanted =
            numbered.map { (sound: $1, number: $0 + 1, channels: 2) }
            + numbered.filter { $1.channels >= 6 }.map { (sound: $1, number: $0 + 1, channels: 6) }
        return wanted.map { sound, number, channels in
            var plan = plan(for: sound, number: number, channels: channels)
            do throws(CopyObstacle) {
                let copy = try SoundCopy.plan(
                    of: sound, in: media, channels: channels, most: plan.bitsPerSecond * 5 / 4, origin: origin)
                plan.bitsPerSecond = max(1, sound.coding?.bitsPerSecond ?? 1)
                plan.copy = copy
                decisions.append(plan.decision("copied", because: "every player takes it as it is"))
            } catch {
                let reason =
                    channels == 2 ? "every player takes stereo AAC-LC" : "more channels are kept beside stereo"
                let source = "the source is \(sound.codec), \(sound.channels) channels"
                let why = sound.codec == "aac" ? "; it is not copied because \(error.reason)" : ""
                decisions.append(plan.decision("encoded", because: "\(reason); \(source)\(why)"))
            }
            return plan
        }
    }

    private static func plan(for stream: ProbedAudio, number: Int, channels: Int) -> AudioPlan {
        let name = channels == 2 ? "audio" : "surround"
        return AudioPlan(
            streamIndex: stream.streamIndex, name: number == 1 ? name : "\(name)-\(number)", channels: channels,
            language: stream.language.flatMap(Language.tag), isDefault: number == 1,
            bitsPerSecond: channels == 2 ? 128_000 : 384_000)
    }

    private func decision(_ what: String, because reason: String) -> MediaPlan.Decision {
        let rate = (copy?.sampleRate ?? Self.sampleRate) / 100
        let kilohertz = rate.isMultiple(of: 10) ? "\(rate / 10)" : "\(rate / 10).\(rate % 10)"
        let shape = channels == 2 ? "stereo" : "5.1"
        return .init(
            name, "\(what): AAC-LC, \(kilohertz) kHz, \(shape), \(bitsPerSecond / 1000) kb/s", because: reason)
    }
}
