internal import AV
internal import CMAF
internal import MediaPlan
internal import Presentation

/// What is made beside the sizes, from the same decoded frames: keyframes for playing fast, a storyboard and posters.
final class ByProducts {
    private let plan: MediaPlan
    private let video: VideoPlan
    private var trickPlays: [TrickPlay]
    private let sheet: StoryboardSheet
    private let poster: PosterChoice
    private let scenes: SceneMeter
    /// Frames with which scenes begin.
    private(set) var sceneCuts: [Int] = []
    private var number: Int

    private struct TrickPlay {
        let rung: Int
        let encoder: VideoEncoder
        var samples: [Sample] = []
    }

    /// Begins with segment `first`.
    init(plan: MediaPlan, video: VideoPlan, first: Int) throws {
        self.plan = plan
        self.video = video
        number = first
        trickPlays = try video.byProducts.trickPlays.map { trickPlay in
            TrickPlay(
                rung: trickPlay.rung,
                encoder: try VideoEncoder(
                    keyframesOf: video.rung(of: trickPlay), colour: video.colour.encoded, preset: video.preset))
        }
        scenes = try SceneMeter()
        let source = video.rungs[video.byProducts.storyboardRung]
        sheet = try StoryboardSheet(
            from: (source.width, source.height), colour: video.colour.encoded, width: video.byProducts.tileWidth,
            height: video.byProducts.tileHeight, tiles: plan.grid.samplesPerSegment)
        let large = video.rungs[video.byProducts.posterRung]
        poster = PosterChoice(
            among: plan.grid.samplesPerSegment, size: (large.width, large.height), colour: video.colour.encoded)
    }

    /// Sees every picture, which is shown from `frame` on; `picture` gives it in the size of a rung.
    func see(_ frame: Int, _ picture: (Int) throws -> Picture) throws {
        if try scenes.beginsScene(picture(video.byProducts.storyboardRung)) { sceneCuts.append(frame) }
    }

    /// Takes `frame`, one of the grid's samples, in the order of time; `picture` gives it in the size of a rung. Hands over
    /// renditions with their next segments.
    func add(
        _ frame: Int, _ picture: (Int) throws -> Picture, _ body: (Int, WrittenSegment) throws -> Void
    ) throws {
        for index in trickPlays.indices {
            try trickPlays[index].encoder.encode(try picture(trickPlays[index].rung)) { coded in
                trickPlays[index].samples.append(
                    Sample(duration: 0, isSync: true, bytes: AnnexB.sample(from: coded.bytes)))
            }
        }
        try sheet.add(try picture(video.byProducts.storyboardRung))
        try poster.add(try picture(video.byProducts.posterRung))
        let frames = plan.grid.samples(ofSegment: number, total: plan.frames)
        guard frame == frames.last else { return }
        guard let storyboard = try sheet.take(), let poster = try poster.take(),
            trickPlays.allSatisfy({ $0.samples.count == frames.count })
        else {
            throw TranscodeFailure(
                reason: "The encoder held keyframes back.", detail: "segment \(number)", isRetryable: true)
        }
        let end = plan.grid.frames(ofSegment: number, total: plan.frames).upperBound
        let times = (frames + [end]).map(plan.grid.ticks(ofFrame:))
        for index in trickPlays.indices {
            try body(plan.trickPlayRenditions[index], keyframes(trickPlays[index].samples, at: times))
            trickPlays[index].samples.removeAll(keepingCapacity: true)
        }
        let shown = plan.grid.microseconds(ticks: times[frames.count]) - plan.grid.microseconds(ticks: times[0])
        for (rendition, jpeg) in [(plan.storyboardRendition, storyboard), (plan.posterRendition, poster)] {
            try body(rendition, .init(number: number, durationMicroseconds: shown, bytes: jpeg))
        }
        number += 1
    }

    /// A segment of `samples` that begin at `times`, of which the last is the segment's end.
    private func keyframes(_ samples: [Sample], at times: [Int64]) -> WrittenSegment {
        var samples = samples
        let shown = times.map(plan.grid.microseconds(ticks:))
        for index in samples.indices { samples[index].duration = UInt32(times[index + 1] - times[index]) }
        let segment = MediaSegment.singly(
            sequence: UInt32((number - 1) * plan.grid.samplesPerSegment + 1), decodeTime: UInt64(times[0]),
            samples: samples)
        return WrittenSegment(
            number: number, durationMicroseconds: shown[samples.count] - shown[0], bytes: segment.bytes,
            fragments: segment.lengths.enumerated().map { index, bytes in
                .init(bytes: bytes, durationMicroseconds: shown[index + 1] - shown[index])
            })
    }
}

extension VideoPlan {
    /// Keyframes for playing fast, as a size.
    func rung(of trickPlay: ByProductPlan.TrickPlay) -> Rung {
        let rung = rungs[trickPlay.rung]
        return Rung(
            name: "trick-\(rung.name)", width: rung.width, height: rung.height,
            maximumBitsPerSecond: trickPlay.maximumBitsPerSecond,
            constantRateFactor: ByProductPlan.trickPlayConstantRateFactor, frameStep: 1)
    }
}
