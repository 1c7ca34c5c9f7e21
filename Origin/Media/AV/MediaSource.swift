internal import CFFmpeg
public import MediaPlan

/// An upload being read: one descriptor, one demuxer from the allowed list, no other file or address in reach.
///
/// Confined to one thread.
public final class MediaSource {
    let reader: DescriptorReader
    let context: UnsafeMutablePointer<AVFormatContext>
    private let limits: MediaPlan.Limits
    /// Streams whose packets are delivered; nil means all.
    private var selected: Set<Int>?
    /// What the file says of itself, and, once it was scanned, what was measured.
    public internal(set) var media: ProbedMedia
    private var repair: ClockRepair?
    /// Why reading has ended.
    private(set) var endStatus: Int32 = 0

    /// Reads the headers behind `descriptor`, which stays the caller's.
    ///
    /// Throws `MediaRejection` with a reason for people when this is no media file, `AVFailure` when libav or the
    /// machine fails.
    public init(borrowing descriptor: Int32, limits: MediaPlan.Limits = .init()) throws {
        LibavLog.silence()
        reader = try DescriptorReader(borrowing: descriptor)
        reader.budget = InputPolicy.openingBytes
        self.limits = limits
        let format = try Self.format(of: reader)
        guard let fresh = avformat_alloc_context() else { throw AVFailure.outOfMemory("allocate the demuxer") }
        fresh.pointee.pb = reader.context
        fresh.pointee.flags |= AVFMT_FLAG_CUSTOM_IO
        weir_forbid_other_files(fresh)
        var options = OptionDictionary([
            "format_whitelist": String(cString: format.pointee.name), "protocol_whitelist": "none",
            "codec_whitelist": InputPolicy.decoders.joined(separator: ","),
            "probesize": String(InputPolicy.probeBytes), "analyzeduration": String(InputPolicy.analyzeMicroseconds),
            "max_streams": String(InputPolicy.countedStreams),
        ])
        var opened: UnsafeMutablePointer<AVFormatContext>? = fresh
        let status = avformat_open_input(&opened, nil, format, &options.pointer)
        guard status >= 0, let opened else {
            throw MediaRejection(
                "This file begins like \(Self.humanName(of: format)) but cannot be read as one: it is damaged or incomplete."
            )
        }
        context = opened
        media = ProbedMedia(
            container: String(cString: format.pointee.name), durationSeconds: nil, video: nil, audio: [])
        try probe()
        reader.budget = .max
    }

    deinit {
        var pointer: UnsafeMutablePointer<AVFormatContext>? = context
        avformat_close_input(&pointer)
    }

    /// Reads the next packet of a chosen stream; false at the end.
    ///
    /// Damage inside the file ends it early rather than failing it, since everything before can still be watched.
    public func read(into packet: Packet) -> Bool {
        // Packets that probing has set aside come out even of streams that are discarded by now.
        repeat {
            if var repair {
                guard read(into: packet, repairing: &repair) else { return false }
                self.repair = repair
            } else {
                guard readAny(into: packet) else { return false }
            }
        } while !(selected?.contains(packet.streamIndex) ?? true)
        return true
    }

    private func readAny(into packet: Packet) -> Bool {
        av_packet_unref(packet.packet)
        endStatus = av_read_frame(context, packet.packet)
        return endStatus >= 0
    }

    /// Reads the next packet of any stream and closes leaps of the clock before it.
    func read(into packet: Packet, repairing repair: inout ClockRepair) -> Bool {
        guard readAny(into: packet) else { return false }
        let pointee = packet.packet.pointee
        let none = weir_no_timestamp()
        let time = pointee.dts != none ? pointee.dts : pointee.pts
        guard let base = stream(packet.streamIndex)?.pointee.time_base,
            let unit = Rational(Int(base.num), Int(base.den)), time != none
        else { return true }
        let shift = repair.shift(
            stream: packet.streamIndex, time: unit.microseconds(units: time),
            duration: unit.microseconds(units: pointee.duration))
        guard shift != 0 else { return true }
        let units = unit.units(microseconds: shift)
        if pointee.dts != none { packet.packet.pointee.dts &+= units }
        if pointee.pts != none { packet.packet.pointee.pts &+= units }
        return true
    }

    /// Stops delivering packets of all streams but these; closes leaps of the clock if asked, which takes all packets
    /// from the beginning.
    public func select(streams: Set<Int>, repairsClock: Bool = false) {
        selected = streams
        if repairsClock {
            repair = ClockRepair(isLeaping: hasLeapingClock)
            return
        }
        for index in 0..<Int(context.pointee.nb_streams) where !streams.contains(index) {
            stream(index)?.pointee.discard = AVDISCARD_ALL
        }
    }

    /// Goes to `key` of stream `index`, or to somewhere not far before it; the packets that come tell where it arrived.
    ///
    /// False if the demuxer did not go anywhere.
    public func seek(to key: MeasuredPictures.Key, of index: Int) -> Bool {
        let container = media.container.split(separator: ",")
        if container.contains("mpegts") {
            return key.position >= 0 && av_seek_frame(context, -1, key.position, AVSEEK_FLAG_BYTE) >= 0
        }
        // The index of Matroska holds times of presentation, that of MP4 times of decoding.
        let time = container.contains("matroska") ? key.presentation : key.decoding
        return av_seek_frame(context, Int32(index), time, AVSEEK_FLAG_BACKWARD) >= 0
    }

    func stream(_ index: Int) -> UnsafeMutablePointer<AVStream>? {
        guard index >= 0, index < Int(context.pointee.nb_streams) else { return nil }
        return context.pointee.streams[index]
    }

    private static func format(of reader: DescriptorReader) throws -> UnsafePointer<AVInputFormat> {
        var format: UnsafePointer<AVInputFormat>?
        let score = av_probe_input_buffer2(reader.context, &format, "", nil, 0, 1 << 20)
        guard score >= 0, let format else {
            throw MediaRejection("This file is not a video or audio file Weir can read (no known container was found).")
        }
        let names = String(cString: format.pointee.name).split(separator: ",").map(String.init)
        if names.contains(where: InputPolicy.formats.contains) { return format }
        if ["hls", "dash", "concat", "sdp", "rtsp", "imf"].contains(where: names.contains) {
            throw MediaRejection(
                "This file only names other files (\(humanName(of: format))); upload the video itself.")
        }
        throw MediaRejection(
            "This file is not a video or audio file Weir can read (it looks like \(humanName(of: format))).")
    }

    private static func humanName(of format: UnsafePointer<AVInputFormat>) -> String {
        guard let name = format.pointee.long_name else { return String(cString: format.pointee.name) }
        return String(cString: name)
    }

    private func probe() throws {
        try checkSizes()
        let count = Int(context.pointee.nb_streams)
        var options = [OpaquePointer?](repeating: nil, count: count)
        for index in options.indices { av_dict_set(&options[index], "max_pixels", String(limits.maximumPixels), 0) }
        let status = avformat_find_stream_info(context, &options)
        for index in options.indices { av_dict_free(&options[index]) }
        try checkSizes()
        guard status >= 0 else {
            throw MediaRejection("This file's streams cannot be read: it is damaged or incomplete.")
        }
        let duration = context.pointee.duration
        media.durationSeconds = duration == weir_no_timestamp() || duration <= 0 ? nil : Double(duration) / 1_000_000
        media.video = try probedVideo()
        media.audio = probedAudio()
        media.subtitles = probedSubtitles()
        media.streams = probedStreams()
    }

    private func checkSizes() throws {
        let streams = Int(context.pointee.nb_streams)
        let most = ProbedMedia.maximumStreams
        guard streams <= most else {
            throw MediaRejection("This file holds \(streams) streams; Weir takes up to \(most).")
        }
        for index in 0..<Int(context.pointee.nb_streams) {
            guard let parameters = stream(index)?.pointee.codecpar, parameters.pointee.codec_type == AVMEDIA_TYPE_VIDEO,
                parameters.pointee.width > 0, parameters.pointee.height > 0
            else { continue }
            try VideoPlan.check(
                width: Int(parameters.pointee.width), height: Int(parameters.pointee.height), limits: limits)
        }
    }
}
