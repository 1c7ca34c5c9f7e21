extension AudioPlan {
    /// Plans `sounds`, the default one first: stereo of each, and 5.1 of those with as many channels or more.
    static func plans(for sounds: [ProbedAudio], decisions: inout [MediaPlan.Decision]) -> [AudioPlan] {
        let numbered = Array(sounds.enumerated())
        let stereo = numbered.map { plan(for: $1, number: $0 + 1, channels: 2) }
        let surround = numbered.filter { $1.channels >= 6 }.map { plan(for: $1, number: $0 + 1, channels: 6) }
        for plan in stereo + surround {
            guard let source = sounds.first(where: { $0.streamIndex == plan.streamIndex }) else { continue }
            let shape = plan.channels == 2 ? "stereo" : "5.1"
            let choice = "AAC-LC, 48 kHz, \(shape), \(plan.bitsPerSecond / 1000) kb/s"
            let reason =
                plan.channels == 2 ? "every player takes stereo AAC-LC" : "more channels are kept beside stereo"
            decisions.append(
                .init(
                    plan.name, choice, because: "\(reason); the source is \(source.codec), \(source.channels) channels")
            )
        }
        return stereo + surround
    }

    private static func plan(for stream: ProbedAudio, number: Int, channels: Int) -> AudioPlan {
        let name = channels == 2 ? "audio" : "surround"
        return AudioPlan(
            streamIndex: stream.streamIndex, name: number == 1 ? name : "\(name)-\(number)", channels: channels,
            language: stream.language.flatMap(Language.tag), isDefault: number == 1,
            bitsPerSecond: channels == 2 ? 128_000 : 384_000)
    }
}
