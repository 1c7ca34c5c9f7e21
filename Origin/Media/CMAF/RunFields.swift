/// What a fragment says once for all of its samples, and what its run says of each (ISO/IEC 14496-12 §8.8.7, §8.8.8).
///
/// A small size has pictures of a few hundred bytes, and sound frames are no larger: four fields of each were a fiftieth of
/// all bytes.
struct RunFields {
    /// Duration of every sample; nil where they differ.
    private let duration: UInt32?
    /// Flags of every sample, or of every one but the first; nil where others differ.
    private let flags: UInt32?
    /// Flags of the first sample where it alone differs.
    private let firstFlags: UInt32?
    private let hasOffsets: Bool

    /// Fields of a run of `samples`, at least one.
    init(_ samples: [Sample]) {
        let (first, others) = (samples[0], samples.dropFirst())
        duration = others.allSatisfy { $0.duration == first.duration } ? first.duration : nil
        let usual = others.first?.flags ?? first.flags
        flags = others.allSatisfy { $0.flags == usual } ? usual : nil
        firstFlags = flags != nil && first.flags != usual ? first.flags : nil
        hasOffsets = samples.contains { $0.compositionOffset != 0 }
    }

    /// Writes `tfhd` of the only track.
    func writeHeader(_ writer: inout BoxWriter) {
        let present: UInt32 = 0x02_0000 | (duration == nil ? 0 : 0x8) | (flags == nil ? 0 : 0x20)
        writer.fullBox("tfhd", flags: present) { writer in
            writer.u32(1)
            if let duration { writer.u32(duration) }
            if let flags { writer.u32(flags) }
        }
    }

    /// Writes `trun`, and returns where the place of its data is to be set.
    func writeRun(_ samples: [Sample], to writer: inout BoxWriter) -> Int {
        var dataOffset = 0
        let each: UInt32 = 0x200 | (duration == nil ? 0x100 : 0) | (flags == nil ? 0x400 : 0) | (hasOffsets ? 0x800 : 0)
        writer.fullBox("trun", version: 1, flags: 0x1 | (firstFlags == nil ? 0 : 0x4) | each) { writer in
            writer.u32(UInt32(samples.count))
            dataOffset = writer.bytes.count
            writer.u32(0)
            if let firstFlags { writer.u32(firstFlags) }
            for sample in samples {
                if duration == nil { writer.u32(sample.duration) }
                writer.u32(UInt32(sample.bytes.count))
                if flags == nil { writer.u32(sample.flags) }
                if hasOffsets { writer.u32(sample.compositionOffset) }
            }
        }
        return dataOffset
    }
}

extension Sample {
    /// As ISO/IEC 14496-12 §8.8.3.1 has them: what stands alone, or what depends on others and is no place to begin.
    fileprivate var flags: UInt32 { isSync ? 0x0200_0000 : 0x0101_0000 }
}
