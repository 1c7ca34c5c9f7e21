/// One coded frame as it lies in a track.
public struct Sample: Sendable, Equatable {
    /// Ticks to the next sample in decoding order.
    public var duration: UInt32
    /// Presentation time less decoding time, in ticks.
    public var compositionOffset: UInt32
    /// Whether decoding can start here.
    public var isSync: Bool
    /// The coded frame.
    public var bytes: [UInt8]

    /// A frame with its times.
    public init(duration: UInt32, compositionOffset: UInt32 = 0, isSync: Bool, bytes: [UInt8]) {
        self.duration = duration
        self.compositionOffset = compositionOffset
        self.isSync = isSync
        self.bytes = bytes
    }
}

/// `styp`, `moof` and `mdat`: what stands behind one address in a media playlist (ISO/IEC 23000-19 §7.3.3).
public enum MediaSegment {
    /// A segment whose first sample is decoded at `decodeTime` ticks; `sequence` counts from 1.
    ///
    /// Traps when empty or when the samples together reach 2 GiB: the caller cuts segments of seconds.
    public static func bytes(sequence: UInt32, decodeTime: UInt64, samples: [Sample]) -> [UInt8] {
        var writer = BoxWriter()
        type(&writer)
        fragment(&writer, sequence: sequence, decodeTime: decodeTime, samples: samples)
        return writer.bytes
    }

    /// A segment whose samples can be fetched one by one: each has a fragment of its own.
    ///
    /// Also gives the fragments' lengths; the first one's counts what stands before it. Traps as `bytes` does.
    public static func singly(
        sequence: UInt32, decodeTime: UInt64, samples: [Sample]
    ) -> (bytes: [UInt8], lengths: [Int]) {
        var writer = BoxWriter()
        type(&writer)
        var time = decodeTime
        var lengths: [Int] = []
        var start = 0
        for (index, sample) in samples.enumerated() {
            fragment(&writer, sequence: sequence + UInt32(index), decodeTime: time, samples: [sample])
            time += UInt64(sample.duration)
            lengths.append(writer.bytes.count - start)
            start = writer.bytes.count
        }
        return (writer.bytes, lengths)
    }

    private static func type(_ writer: inout BoxWriter) {
        writer.box("styp") { writer in
            writer.four("msdh")
            writer.u32(0)
            for brand in ["msdh", "cmfs", "cmff"] as [StaticString] { writer.four(brand) }
        }
    }

    private static func fragment(_ writer: inout BoxWriter, sequence: UInt32, decodeTime: UInt64, samples: [Sample]) {
        precondition(!samples.isEmpty, "a segment holds at least one sample")
        let total = samples.reduce(0) { $0 + $1.bytes.count }
        precondition(total < 1 << 31, "a segment stays below 2 GiB")
        let fields = RunFields(samples)
        var dataOffset = 0
        let moof = writer.bytes.count
        writer.box("moof") { writer in
            writer.fullBox("mfhd") { $0.u32(sequence) }
            writer.box("traf") { writer in
                fields.writeHeader(&writer)
                writer.fullBox("tfdt", version: 1) { $0.u64(decodeTime) }
                dataOffset = fields.writeRun(samples, to: &writer)
            }
        }
        writer.setU32(UInt32(writer.bytes.count + 8 - moof), at: dataOffset)
        writer.box("mdat") { writer in
            for sample in samples { writer.raw(sample.bytes) }
        }
    }
}
