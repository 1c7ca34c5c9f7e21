/// H.264 and H.265 as encoders write them, start codes between units (Annex B of both), made into what MP4 holds.
public enum AnnexB {
    /// The units between start codes, without trailing zero bytes.
    public static func units(in bytes: [UInt8]) -> [Range<Int>] {
        var starts: [(code: Int, unit: Int)] = []
        var index = 0
        while index + 2 < bytes.count {
            if bytes[index + 2] > 1 {
                index += 3
            } else if bytes[index] == 0, bytes[index + 1] == 0, bytes[index + 2] == 1 {
                starts.append((index, index + 3))
                index += 3
            } else {
                index += 1
            }
        }
        return starts.indices.compactMap { position in
            let start = starts[position].unit
            var end = position + 1 < starts.count ? starts[position + 1].code : bytes.count
            while end > start, bytes[end - 1] == 0 { end -= 1 }
            return end > start ? start..<end : nil
        }
    }

    /// Whose units they are.
    public enum Syntax: Sendable {
        /// H.264.
        case avc
        /// H.265.
        case hevc

        /// Whether a unit that begins with `header` has no place in a sample: delimiters, filler and parameter sets.
        fileprivate func leavesOut(_ header: UInt8) -> Bool {
            switch self {
            case .avc:
                let kind = header & 0x1f
                return (7...9).contains(kind) || kind == 12
            case .hevc:
                let kind = header >> 1 & 0x3f
                return (HEVCUnit.videoParameterSet...HEVCUnit.delimiter).contains(kind) || kind == HEVCUnit.filler
            }
        }
    }

    /// A sample for an `avc1` or `hvc1` track: every unit behind its length in four bytes.
    ///
    /// Delimiters, filler and parameter sets are left out, because the sample entry holds the parameter sets (ISO/IEC
    /// 14496-15 §5.3 and §8.3).
    public static func sample(from bytes: [UInt8], as syntax: Syntax = .avc) -> [UInt8] {
        var sample: [UInt8] = []
        sample.reserveCapacity(bytes.count + 16)
        for unit in units(in: bytes) {
            if syntax.leavesOut(bytes[unit.lowerBound]) { continue }
            let length = UInt32(unit.count)
            for shift in [24, 16, 8, 0] as [UInt32] { sample.append(UInt8(truncatingIfNeeded: length >> shift)) }
            sample.append(contentsOf: bytes[unit])
        }
        return sample
    }
}
