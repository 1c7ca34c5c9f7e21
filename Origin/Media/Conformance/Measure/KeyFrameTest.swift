import CMAF

/// Tells from a sample's own bytes whether decoding can start at it.
enum KeyFrameTest {
    case avc(lengthBytes: Int)
    case hevc(lengthBytes: Int)
    case av1(AV1Configuration)

    /// What a sample is.
    struct Verdict: Equatable {
        /// An IDR, or what stands for it in another codec.
        var isIDR: Bool
        /// Whether the file format allows to call it a sync sample.
        var maySync: Bool
    }

    /// nil for codecs whose samples this does not read.
    init?(_ entry: SampleDescription) {
        switch entry.format {
        case "avc1", "avc3":
            guard let record = AVCRecord(entry.boxes["avcC"] ?? []) else { return nil }
            self = .avc(lengthBytes: record.lengthBytes)
        case "hvc1", "hev1", "dvh1", "dvhe":
            guard let record = HEVCRecord(entry.boxes["hvcC"] ?? []) else { return nil }
            self = .hevc(lengthBytes: record.lengthBytes)
        case "av01":
            guard let record = AV1Configuration(record: entry.boxes["av1C"] ?? []) else { return nil }
            self = .av1(record)
        default:
            return nil
        }
    }

    func verdict(_ sample: ArraySlice<UInt8>) -> Verdict {
        switch self {
        case .avc(let lengthBytes):
            let isIDR = Self.first(in: sample, lengthBytes: lengthBytes) { (1...5).contains($0 & 0x1f) }.map {
                $0 & 0x1f == 5
            }
            return Verdict(isIDR: isIDR ?? false, maySync: isIDR ?? false)
        case .hevc(let lengthBytes):
            let kind = Self.first(in: sample, lengthBytes: lengthBytes) { $0 >> 1 & 0x3f < 32 }.map { $0 >> 1 & 0x3f }
            return Verdict(isIDR: kind == 19 || kind == 20, maySync: kind.map { (16...23).contains($0) } ?? false)
        case .av1(let configuration):
            let isKey = configuration.beginsWithKeyFrame(sample)
            return Verdict(isIDR: isKey, maySync: isKey)
        }
    }

    /// The header of the first NAL unit with a slice.
    private static func first(
        in sample: ArraySlice<UInt8>, lengthBytes: Int, where isSlice: (UInt8) -> Bool
    ) -> UInt8? {
        var rest = sample
        while rest.count > lengthBytes {
            let length = rest.prefix(lengthBytes).reduce(0) { $0 << 8 | Int($1) }
            rest = rest.dropFirst(lengthBytes)
            if let header = rest.first, length > 0, isSlice(header) { return header }
            rest = rest.dropFirst(length)
        }
        return nil
    }
}
