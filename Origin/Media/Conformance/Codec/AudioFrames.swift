import CMAF

/// Frames of sound that stand one after the other: ADTS (ISO/IEC 13818-7 §6.2) or MPEG layer III.
struct AudioFrames: Equatable {
    var traits: MediaTraits.Audio
    var frames = 0
    /// Samples per second, and samples of one frame at that rate.
    var sampleRate = 0
    var frameLength = 1_024

    var nanoseconds: Int64 {
        sampleRate > 0
            ? Conformance.nanoseconds(Int64(frames) * Int64(frameLength), timescale: UInt32(sampleRate)) : 0
    }

    /// Counts the frames from the beginning of `bytes`; nil when there is none.
    init?(_ bytes: ArraySlice<UInt8>) {
        var rest = bytes
        guard let first = Self.header(rest) else { return nil }
        traits = first.traits
        sampleRate = first.traits.sampleRate
        frameLength = first.length
        while let header = Self.header(rest), header.size <= rest.count {
            frames += header.frames
            rest = rest.dropFirst(header.size)
        }
        guard frames > 0 else { return nil }
    }

    private struct Header {
        var traits: MediaTraits.Audio
        var size: Int
        var length: Int
        var frames: Int
    }

    private static func header(_ bytes: ArraySlice<UInt8>) -> Header? {
        let base = bytes.startIndex
        guard bytes.count >= 7, bytes[base] == 0xff, bytes[base + 1] & 0xe0 == 0xe0 else { return nil }
        return bytes[base + 1] & 0xf6 == 0xf0 ? advanced(bytes) : layerThree(bytes)
    }

    private static func advanced(_ bytes: ArraySlice<UInt8>) -> Header? {
        let base = bytes.startIndex
        let rate = Int(bytes[base + 2] >> 2 & 15)
        let channels = Int(bytes[base + 2] & 1) << 2 | Int(bytes[base + 3] >> 6)
        let size = Int(bytes[base + 3] & 3) << 11 | Int(bytes[base + 4]) << 3 | Int(bytes[base + 5] >> 5)
        guard AACConfiguration.sampleRates.indices.contains(rate), size >= 7 else { return nil }
        let configuration = AACConfiguration(
            objectType: Int(bytes[base + 2] >> 6) + 1, sampleRate: AACConfiguration.sampleRates[rate],
            channels: channels == 7 ? 8 : channels)
        return Header(
            traits: .init(
                format: "mp4a", codec: configuration.codec, channels: configuration.channels,
                sampleRate: configuration.sampleRate), size: size, length: 1_024, frames: Int(bytes[base + 6] & 3) + 1)
    }

    private static func layerThree(_ bytes: ArraySlice<UInt8>) -> Header? {
        let base = bytes.startIndex
        let version = bytes[base + 1] >> 3 & 3
        guard version != 1, bytes[base + 1] >> 1 & 3 == 1 else { return nil }
        let isFirst = version == 3
        let rateCode = Int(bytes[base + 2] >> 2 & 3)
        let bitCode = Int(bytes[base + 2] >> 4)
        guard rateCode < 3, (1...14).contains(bitCode) else { return nil }
        let rate = [44_100, 48_000, 32_000][rateCode] >> (isFirst ? 0 : version == 2 ? 1 : 2)
        let kilobits =
            isFirst
            ? [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320]
            : [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160]
        let length = isFirst ? 1_152 : 576
        let size = length / 8 * kilobits[bitCode - 1] * 1_000 / rate + Int(bytes[base + 2] >> 1 & 1)
        return Header(
            traits: .init(
                format: "mp4a", codec: "mp4a.40.34", channels: bytes[base + 3] >> 6 == 3 ? 1 : 2, sampleRate: rate),
            size: size, length: length, frames: 1)
    }
}
