/// One track of a progressive movie: where its samples are, how long they last, which can be decoded alone.
///
/// Keeps 4 to 20 bytes per sample, and refuses more samples than a film of a day has.
public struct SampleTables: Sendable {
    /// Samples that lie together: those of one segment.
    struct Chunk: Sendable {
        let range: Range<Int>
        let samples: Int
    }

    /// A value and how many samples in a row have it.
    private struct Run<Value: Equatable & Sendable>: Sendable {
        let value: Value
        var count: UInt32
    }

    private static let mostSamples = 1 << 23

    private(set) var chunks: [Chunk] = []
    private var sizes: [UInt32] = []
    private var durations: [Run<UInt32>] = []
    private var offsets: [Run<Int32>] = []
    private var syncs: [UInt32] = []
    private var decodeEnd: Int64 = 0
    private var presentationEnd: Int64 = 0
    private let header: MovieHeader
    private let initialization: [UInt8]
    private let timescale: Int64
    private let editStart: Int64

    /// A track without samples, as `initialization` describes it.
    public init(initialization: [UInt8]) throws(MediaReadError) {
        header = try MovieHeader(parsing: initialization)
        guard header.tracks.count == 1, let track = header.tracks.first, track.timescale > 0 else {
            throw MediaReadError(reason: "an init segment of a rendition holds one track with a timescale", offset: 0)
        }
        self.initialization = initialization
        timescale = Int64(track.timescale)
        editStart = min(max(track.edits.first { !$0.isEmpty }?.mediaTime ?? 0, 0), Int64(UInt32.max))
    }

    /// What is seen or heard: from where the edit begins, which leaves out priming samples and reorder delay, to the end of
    /// what is presented last.
    var presentedMilliseconds: UInt32 {
        UInt32(clamping: max(0, presentationEnd - editStart) * 1000 / timescale)
    }

    /// Adds a segment that the first bytes of `start` say to be `length` bytes long; false when more of it is needed to know
    /// its samples.
    ///
    /// Segments come in order; the samples of each must lie one behind the other.
    public mutating func add(segmentStartingWith start: [UInt8], of length: Int) throws(MediaReadError) -> Bool {
        let segment: SegmentLayout
        do {
            segment = try SegmentLayout(parsingStart: start, of: length, header: header)
        } catch {
            if start.count < length { return false }
            throw error
        }
        guard segment.isWhole else { return false }
        try add(segment)
        return true
    }

    private mutating func add(_ segment: SegmentLayout) throws(MediaReadError) {
        var start: Int?
        var end = 0
        var count = 0
        for sample in segment.fragments.flatMap({ $0.tracks.flatMap(\.samples) }) {
            guard let range = sample.range, start == nil || range.lowerBound == end else {
                throw MediaReadError(reason: "a segment's samples do not lie one behind the other", offset: end)
            }
            start = start ?? range.lowerBound
            end = range.upperBound
            count += 1
            try append(sample)
        }
        guard let start else { throw MediaReadError(reason: "a segment holds no sample", offset: 0) }
        chunks.append(Chunk(range: start..<end, samples: count))
    }

    private mutating func append(_ sample: SegmentLayout.SampleReference) throws(MediaReadError) {
        guard sizes.count < Self.mostSamples, let offset = Int32(exactly: sample.compositionOffset) else {
            throw MediaReadError(reason: "a track has more samples, or reorders them more, than a film can", offset: 0)
        }
        sizes.append(sample.size)
        Self.extend(&durations, by: sample.duration)
        Self.extend(&offsets, by: offset)
        if sample.isSync { syncs.append(UInt32(sizes.count)) }
        presentationEnd = max(presentationEnd, decodeEnd + Int64(offset) + Int64(sample.duration))
        decodeEnd += Int64(sample.duration)
    }

    private static func extend<Value>(_ runs: inout [Run<Value>], by value: Value) {
        if runs.last?.value == value {
            runs[runs.count - 1].count += 1
        } else {
            runs.append(Run(value: value, count: 1))
        }
    }
}

extension SampleTables {
    /// The `trak` box; `places` are the chunks' positions in the file.
    func write(_ writer: inout BoxWriter, id: UInt32, places: [UInt64]) {
        writer.box("trak") { writer in
            copy("tkhd", of: ["moov", "trak"], to: &writer) { box in
                box.setU32(id, at: 20)
                box.setU32(presentedMilliseconds, at: 28)
            }
            InitializationSegment.edit(
                &writer, startingAt: Int(editStart), milliseconds: presentedMilliseconds)
            writer.box("mdia") { writer in
                copy("mdhd", of: ["moov", "trak", "mdia"], to: &writer) {
                    $0.setU32(UInt32(clamping: decodeEnd), at: 24)
                }
                copy("hdlr", of: ["moov", "trak", "mdia"], to: &writer)
                writer.box("minf") { writer in
                    for type in ["vmhd", "smhd", "dinf"] {
                        copy(type, of: ["moov", "trak", "mdia", "minf"], to: &writer)
                    }
                    writer.box("stbl") { writeTables(&$0, places) }
                }
            }
        }
    }

    private func writeTables(_ writer: inout BoxWriter, _ places: [UInt64]) {
        copy("stsd", of: ["moov", "trak", "mdia", "minf", "stbl"], to: &writer)
        writer.fullBox("stts") { writer in
            writer.u32(UInt32(durations.count))
            for run in durations {
                writer.u32(run.count)
                writer.u32(run.value)
            }
        }
        if offsets.contains(where: { $0.value != 0 }) {
            writer.fullBox("ctts", version: offsets.contains { $0.value < 0 } ? 1 : 0) { writer in
                writer.u32(UInt32(offsets.count))
                for run in offsets {
                    writer.u32(run.count)
                    writer.u32(UInt32(bitPattern: run.value))
                }
            }
        }
        if syncs.count < sizes.count {
            writer.fullBox("stss") { writer in
                writer.u32(UInt32(syncs.count))
                for number in syncs { writer.u32(number) }
            }
        }
        writeChunks(&writer, places)
        writer.fullBox("stsz") { writer in
            writer.u32(0)
            writer.u32(UInt32(sizes.count))
            for size in sizes { writer.u32(size) }
        }
    }

    private func writeChunks(_ writer: inout BoxWriter, _ places: [UInt64]) {
        var runs: [(first: UInt32, samples: UInt32)] = []
        for (index, chunk) in chunks.enumerated() where runs.last?.samples != UInt32(chunk.samples) {
            runs.append((UInt32(index + 1), UInt32(chunk.samples)))
        }
        writer.fullBox("stsc") { writer in
            writer.u32(UInt32(runs.count))
            for run in runs {
                writer.u32(run.first)
                writer.u32(run.samples)
                writer.u32(1)
            }
        }
        writer.fullBox("co64") { writer in
            writer.u32(UInt32(places.count))
            for place in places { writer.u64(place) }
        }
    }

    /// Copies a box of the init segment; `change` may set fields counted from the box's first byte.
    private func copy(
        _ type: String, of path: [String], to writer: inout BoxWriter, change: (inout BoxWriter) -> Void = { _ in }
    ) {
        guard let box = Box.find(path + [type], in: initialization) else { return }
        var copy = BoxWriter()
        copy.raw(initialization[box.range])
        change(&copy)
        writer.raw(copy.bytes)
    }
}
