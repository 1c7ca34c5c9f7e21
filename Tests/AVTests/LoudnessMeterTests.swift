import CFFmpeg
import MediaPlan
import Testing

@testable import AV

@Suite struct LoudnessMeterTests {
    /// A stereo sine of 997 Hz for some seconds, `amplitude` of full scale.
    private func measured(amplitude: Double, seconds: Int) throws -> Loudness {
        let meter = try LoudnessMeter(channels: 2)
        let graph = try FilterGraph(
            buffer: "abuffer", arguments: "time_base=1/48000:sample_rate=48000:sample_fmt=fltp:channel_layout=stereo",
            chain: "aeval=\(amplitude)*sin(2*PI*997*t)|\(amplitude)*sin(2*PI*997*t):c=same,aformat=sample_fmts=fltp",
            sink: "abuffersink")
        for second in 0..<seconds {
            let silence = try Picture()
            silence.frame.pointee.format = AV_SAMPLE_FMT_FLTP.rawValue
            silence.frame.pointee.nb_samples = 48_000
            silence.frame.pointee.sample_rate = 48_000
            silence.frame.pointee.pts = Int64(second) * 48_000
            av_channel_layout_default(&silence.frame.pointee.ch_layout, 2)
            try check(av_frame_get_buffer(silence.frame, 0), "allocate silence")
            av_samples_set_silence(silence.frame.pointee.extended_data, 0, 48_000, 2, AV_SAMPLE_FMT_FLTP)
            try graph.filter(silence) { try meter.add($0) }
        }
        return meter.measured(rendition: "audio")
    }

    @Test func `a stereo sine at -23 dBFS is as loud as EBU Tech 3341 says`() throws {
        let loudness = try measured(amplitude: 0.070795, seconds: 20)
        #expect(loudness == Loudness(rendition: "audio", integrated: -23, range: 0, samplePeak: -23))
    }

    @Test func `silence has no level, and crosses processes so`() throws {
        let loudness = try measured(amplitude: 0, seconds: 1)
        #expect(loudness.integrated == nil && loudness.samplePeak == nil)
        #expect(Loudness(json: loudness.json) == loudness)
    }
}
