internal import CFFmpeg
internal import MediaPlan

extension MediaSource {
    /// Reads every packet to the end without decoding any, and notes in `media` what was measured.
    ///
    /// Afterwards nothing is left to read. Throws `MediaRejection` when there is more than any film holds.
    public func scan() throws {
        var repair = ClockRepair(isLeaping: hasLeapingClock)
        var scans = (0..<Int(context.pointee.nb_streams)).compactMap { index in
            stream(index).map { StreamScan($0, keepsTimes: index == media.video?.streamIndex) }
        }
        let pictures = media.video?.streamIndex
        var coding = pictures.flatMap { CodingScan(self, index: $0) }
        var sounds: [Int: SoundScan] = [:]
        for sound in media.audio { sounds[sound.streamIndex] = SoundScan(self, index: sound.streamIndex) }
        let packet = try Packet()
        var total = 0
        var isCut = false
        while read(into: packet, repairing: &repair) {
            let index = packet.streamIndex
            if index >= scans.count, let stream = stream(index) {
                // A stream that the headers did not name; its packets are not used.
                while scans.count <= index { scans.append(StreamScan(stream, keepsTimes: false)) }
            }
            scans[index].add(packet)
            if index == pictures { coding?.add(packet) } else { sounds[index]?.add(packet) }
            isCut = packet.packet.pointee.flags & AV_PKT_FLAG_CORRUPT != 0
            total += 1
            guard total < Self.maximumPackets else {
                throw MediaRejection("This file holds more than \(Self.maximumPackets / 1_000_000) million frames.")
            }
        }
        media.breaksOff = endStatus != weir_averror_eof() || isCut
        media.clockLeaps = repair.leaps
        media.bytes = Int(reader.size)
        media.canSeek = Self.seekableFormats.contains { media.container.split(separator: ",").contains($0) }
        for index in media.streams.indices where index < scans.count {
            media.streams[index].measured = scans[index].measured
        }
        for index in media.audio.indices {
            media.audio[index].coding = sounds[media.audio[index].streamIndex]?.measured
        }
        if let index = media.video?.streamIndex, scans.indices.contains(index) {
            media.pictures = scans[index].pictures
            media.coding = coding?.coding
        }
    }

    /// Twelve hours of 120 pictures and eight sounds of 50 packets a second.
    private static let maximumPackets = 24_000_000

    /// Containers whose demuxers find any keyframe and give it the same times as when they read up to it.
    private static let seekableFormats: [Substring] = ["mov", "mp4", "matroska", "webm", "mpegts"]

    var hasLeapingClock: Bool { context.pointee.iformat.pointee.flags & AVFMT_TS_DISCONT != 0 }
}

/// What the packets of one stream show.
private struct StreamScan {
    private let unit: Rational
    private let sampleRate: Int
    private let keepsTimes: Bool
    private(set) var measured = MeasuredStream()
    private var times: [Int64] = []
    private var keys: [MeasuredPictures.Key] = []
    private var lastDecoding: Int64?
    private var start: Int64?
    /// Until when nothing is seen or heard, because the first packet says so.
    private var hiddenUntil: Int64?
    private var end: Int64?
    private var last: (time: Int64, duration: Int64)?

    init(_ stream: UnsafeMutablePointer<AVStream>, keepsTimes: Bool) {
        let base = stream.pointee.time_base
        unit = Rational(Int(base.num), Int(base.den)) ?? .one
        sampleRate = Int(stream.pointee.codecpar?.pointee.sample_rate ?? 0)
        self.keepsTimes = keepsTimes
    }

    mutating func add(_ packet: Packet) {
        let pointee = packet.packet.pointee
        measured.packets += 1
        measured.bytes += Int(pointee.size)
        let none = weir_no_timestamp()
        // Matroska has no decoding times for the first pictures of a film that reorders them.
        let goesBack = pointee.dts != none && pointee.dts < lastDecoding ?? Int64.min
        if pointee.pts == none || goesBack { measured.isMonotone = false }
        if pointee.dts != none { lastDecoding = pointee.dts }
        let time = pointee.pts != none ? pointee.pts : pointee.dts != none ? pointee.dts : end ?? 0
        let duration = max(0, min(pointee.duration, 1 << 40))
        defer { publish() }
        let isKey = pointee.flags & AV_PKT_FLAG_KEY != 0
        if isKey { measured.keyframes += 1 }
        if keepsTimes, isKey {
            keys.append(.init(presentation: time, decoding: pointee.dts, position: pointee.pos))
        }
        if measured.packets == 1, packet.skippedSamples > 0 { hiddenUntil = time &+ skipped(packet) }
        guard pointee.flags & AV_PKT_FLAG_DISCARD == 0 else { return }
        if keepsTimes { times.append(time) }
        if time >= last?.time ?? Int64.min { last = (time, duration) }
        start = min(start ?? Int64.max, max(time &+ skipped(packet), hiddenUntil ?? Int64.min))
        end = max(end ?? Int64.min, time &+ duration)
    }

    /// What a decoder leaves out at the packet's beginning, in the stream's units.
    private func skipped(_ packet: Packet) -> Int64 {
        guard sampleRate > 0 else { return 0 }
        return unit.units(microseconds: Int64(packet.skippedSamples) * 1_000_000 / Int64(sampleRate))
    }

    private mutating func publish() {
        measured.startMicroseconds = start.map(unit.microseconds)
        measured.endMicroseconds = end.map(unit.microseconds)
    }

    /// The times in order; nil without any.
    var pictures: MeasuredPictures? {
        guard keepsTimes, let last else { return nil }
        let sorted = times.sorted()
        let gaps = zip(sorted, sorted.dropFirst()).map { $1 - $0 }.filter { $0 > 0 }.sorted()
        let usual = gaps.isEmpty ? last.duration : gaps[(gaps.count - 1) / 2]
        // What the container says of the last one counts as far as others have lasted so long as well.
        let longest = max(usual, gaps.last ?? last.duration)
        let duration = last.duration > 0 ? min(last.duration, longest) : usual
        let ordered = keys.sorted { $0.presentation < $1.presentation }
        return MeasuredPictures(unit: unit, times: sorted, lastDuration: duration, keys: ordered)
    }
}

extension Packet {
    /// Samples that a decoder leaves out at the packet's beginning, such as an encoder's priming.
    var skippedSamples: Int {
        guard let data = data(AV_PKT_DATA_SKIP_SAMPLES), data.count >= 4 else { return 0 }
        return min((0..<4).reduce(0) { $0 | Int(data[$1]) << (8 * $1) }, 1 << 32)
    }
}
