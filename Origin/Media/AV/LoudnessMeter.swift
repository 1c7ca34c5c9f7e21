internal import CEBUR128
internal import CFFmpeg
internal import Glibc
public import MediaPlan

/// Measures how loud sound is, as it passes.
///
/// Confined to one thread.
public final class LoudnessMeter {
    private var state: UnsafeMutablePointer<ebur128_state>?
    private var interleaved: [Float] = []
    private let channels: Int

    /// For stereo or 5.1 sound as `AudioReader` gives it; throws only when memory is out.
    public init(channels: Int) throws(AVFailure) {
        self.channels = channels
        // Loudness and its range by histogram, so that memory does not grow with the film.
        let mode =
            EBUR128_MODE_I.rawValue | EBUR128_MODE_LRA.rawValue | EBUR128_MODE_SAMPLE_PEAK.rawValue
            | EBUR128_MODE_HISTOGRAM.rawValue
        state = ebur128_init(UInt32(channels), UInt(AudioPlan.sampleRate), Int32(mode))
        if state == nil { throw .outOfMemory("set up the loudness meter") }
    }

    deinit { ebur128_destroy(&state) }

    /// Takes the next frame.
    public func add(_ sound: Picture) throws(AVFailure) {
        precondition(sound.frame.pointee.format == AV_SAMPLE_FMT_FLTP.rawValue, "samples are floating-point, in planes")
        let count = Int(sound.frame.pointee.nb_samples)
        if interleaved.count < count * channels {
            interleaved = Array(repeating: 0, count: count * channels)
        }
        for channel in 0..<channels {
            guard let samples = sound.frame.pointee.extended_data?[channel] else { continue }
            samples.withMemoryRebound(to: Float.self, capacity: count) { samples in
                for index in 0..<count { interleaved[index * channels + channel] = samples[index] }
            }
        }
        guard ebur128_add_frames_float(state, interleaved, count) == Int32(EBUR128_SUCCESS.rawValue) else {
            throw .outOfMemory("measure loudness")
        }
    }

    /// What was heard so far.
    public func measured(rendition: String) -> Loudness {
        var (integrated, range) = (-Double.infinity, 0.0)
        _ = ebur128_loudness_global(state, &integrated)
        _ = ebur128_loudness_range(state, &range)
        let peak = (0..<UInt32(channels)).map { channel in
            var peak = 0.0
            _ = ebur128_sample_peak(state, channel, &peak)
            return peak
        }
        return Loudness(
            rendition: rendition, integrated: integrated, range: range, samplePeak: 20 * log10(peak.max() ?? 0))
    }
}
