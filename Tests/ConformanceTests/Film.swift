import CMAF
import Conformance
import JSON
import Playlist

/// A presentation in memory that breaks no rule: two sizes of pictures, sound, subtitles and key frames for scrubbing.
///
/// A test plants its fault in the playlists, in the rungs before `make`, or in the finished files.
struct Film: Sendable {
    /// One size of the pictures, 25 frames per second.
    struct Rung: Sendable {
        var name: String
        var sequence: SequenceSpec
        var frameBytes: Int
        /// Frames of each segment.
        var segments = [150, 150, 150, 75]
        var framesPerKey = 50
        /// Ticks of one frame; the clock has 12,800 a second.
        var ticks: UInt32 = 512
        /// Segments, counted from 1, that begin with something else than an IDR.
        var withoutIDR: Set<Int> = []
        /// Whether such a frame is marked as a sync sample all the same.
        var liesAboutSync = false
        /// Ticks that the decode time of a segment is off.
        var shifts: [Int: Int64] = [:]
        /// First bytes of the NAL units of an IDR and of any other picture.
        var units: (idr: UInt8, other: UInt8) = (0x65, 0x41)
        /// Frames of another size, by segment.
        var frameBytesOfSegment: [Int: Int] = [:]
    }

    static let timescale = 12_800
    static let sound = "sound/index.m3u8"
    static let text = "text/index.m3u8"

    var multivariant = MultivariantPlaylist()
    var playlists: [String: MediaPlaylist] = [:]
    var files: [String: [UInt8]] = [:]
    var delivery: @Sendable (String) -> Resource.Delivery? = { _ in nil }

    init(rungs: [Rung] = Film.rungs) {
        addSound()
        addSubtitles()
        for rung in rungs { add(rung) }
        for rung in rungs { addKeyFrames(rung) }
        state()
    }

    static let rungs = [
        Rung(name: "small", sequence: SequenceSpec(width: 320, height: 180, level: 12), frameBytes: 300),
        Rung(
            name: "large", sequence: SequenceSpec(width: 640, height: 360, level: 30), frameBytes: 2_000,
            frameBytesOfSegment: [2: 3_400]),
    ]

    // MARK: Bytes

    static func track(_ sequence: SequenceSpec, timescale: Int = Film.timescale) -> VideoTrack {
        let header = [0, 0, 0, 1] + sequence.unit + [0, 0, 0, 1, 0x68, 0xeb, 0xe3, 0xcb]
        return VideoTrack(
            configuration: .avc(AVCConfiguration(annexB: header)!), width: sequence.width, height: sequence.height,
            timescale: timescale, reorderDelay: 0,
            colour: .init(primaries: 1, transfer: UInt16(sequence.transfer ?? 2), matrix: 1))
    }

    /// A slice whose bytes mean nothing.
    static func frame(isIDR: Bool, bytes: Int, units: (idr: UInt8, other: UInt8) = (0x65, 0x41)) -> [UInt8] {
        let count = UInt32(bytes - 4)
        let length = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: count >> $0) }
        return length + [isIDR ? units.idr : units.other] + [UInt8](repeating: 0xaa, count: bytes - 5)
    }

    mutating func add(_ rung: Rung) {
        var playlist = MediaPlaylist(targetDurationSeconds: 6, mediaSequence: 1, kind: .vod, isEnded: true)
        files["\(rung.name)/init.mp4"] = InitializationSegment.bytes(video: Self.track(rung.sequence))
        var time: Int64 = 0
        for (index, count) in rung.segments.enumerated() {
            let number = index + 1
            let samples = (0..<count).map { frame in
                let isKey = frame % rung.framesPerKey == 0
                let isIDR = isKey && !(frame == 0 && rung.withoutIDR.contains(number))
                return Sample(
                    duration: rung.ticks, isSync: rung.liesAboutSync ? isKey : isIDR,
                    bytes: Self.frame(
                        isIDR: isIDR, bytes: rung.frameBytesOfSegment[number] ?? rung.frameBytes, units: rung.units))
            }
            files["\(rung.name)/\(number).m4s"] = MediaSegment.bytes(
                sequence: UInt32(number), decodeTime: UInt64(bitPattern: time + (rung.shifts[number] ?? 0)),
                samples: samples)
            let ticks = Int64(count) * Int64(rung.ticks)
            playlist.segments.append(
                .init(
                    uri: "\(number).m4s", durationMicroseconds: ticks * 1_000_000 / Int64(Self.timescale),
                    map: .init(uri: "init.mp4")))
            time += ticks
        }
        playlists["\(rung.name)/index.m3u8"] = playlist
        multivariant.variants.insert(
            .init(
                uri: "\(rung.name)/index.m3u8", bandwidth: 0,
                codecs: [Self.track(rung.sequence).configuration.codecString, "mp4a.40.2", "wvtt"],
                resolution: .init(width: rung.sequence.width, height: rung.sequence.height),
                frameRateThousandths: 25_000, audioGroup: "sound", statesNoClosedCaptions: true,
                subtitlesGroup: "text"), at: 0)
    }

    mutating func addSound(
        name: String = "sound", priming: Int = 1_024, channels: Int = 2, specificConfig: [UInt8] = [0x11, 0x90],
        frames: [Int] = [282, 281, 281, 142], frameBytes: Int = 160
    ) {
        var playlist = MediaPlaylist(targetDurationSeconds: 6, mediaSequence: 1, kind: .vod, isEnded: true)
        let track = AudioTrack(
            specificConfig: specificConfig, sampleRate: 48_000, channels: channels, priming: priming,
            bitsPerSecond: 60_000)
        files["\(name)/init.mp4"] = InitializationSegment.bytes(audio: track)
        var time = 0
        for (index, count) in frames.enumerated() {
            let samples = (0..<count).map { _ in
                Sample(duration: 1_024, isSync: true, bytes: [UInt8](repeating: 0x21, count: frameBytes))
            }
            files["\(name)/\(index + 1).m4s"] = MediaSegment.bytes(
                sequence: UInt32(index + 1), decodeTime: UInt64(time), samples: samples)
            let heard = count * 1_024 - (index == 0 ? priming : 0)
            playlist.segments.append(
                .init(
                    uri: "\(index + 1).m4s", durationMicroseconds: Int64(heard) * 1_000_000 / 48_000,
                    map: .init(uri: "init.mp4")))
            time += count * 1_024
        }
        playlists["\(name)/index.m3u8"] = playlist
        multivariant.renditions.append(
            .init(
                kind: .audio, group: "sound", name: "English", language: "en", uri: "\(name)/index.m3u8",
                isDefault: true, isAutoselect: true, channels: String(channels)))
    }

    private mutating func addSubtitles() {
        var playlist = MediaPlaylist(targetDurationSeconds: 6, mediaSequence: 1, kind: .vod, isEnded: true)
        for (index, seconds) in [6, 6, 6, 3].enumerated() {
            let start = index * 6 + 1
            files["text/\(index + 1).vtt"] = Self.subtitles(from: start, to: start + 1)
            playlist.segments.append(
                .init(uri: "\(index + 1).vtt", durationMicroseconds: Int64(seconds) * 1_000_000))
        }
        playlists[Self.text] = playlist
        multivariant.renditions.append(
            .init(
                kind: .subtitles, group: "text", name: "English", language: "en", uri: Self.text, isAutoselect: true))
    }

    static func subtitles(from: Int, to: Int, map: String = "X-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n") -> [UInt8]
    {
        let padded = { (value: Int) in (value < 10 ? "0" : "") + String(value) }
        return Array(
            "WEBVTT\n\(map)\n00:00:\(padded(from)).000 --> 00:00:\(padded(to)).500 line:0\nA word.\n".utf8)
    }

    /// One key frame a second, each with a header of its own.
    private mutating func addKeyFrames(_ rung: Rung) {
        var playlist = MediaPlaylist(
            targetDurationSeconds: 1, mediaSequence: 1, kind: .vod, isEnded: true, isIFramesOnly: true)
        let name = "\(rung.name)-keys"
        files["\(name)/init.mp4"] = InitializationSegment.bytes(video: Self.track(rung.sequence))
        for second in 0..<21 {
            files["\(name)/\(second + 1).m4s"] = MediaSegment.bytes(
                sequence: UInt32(second + 1), decodeTime: UInt64(second * Self.timescale),
                samples: [
                    Sample(
                        duration: UInt32(Self.timescale), isSync: true,
                        bytes: Self.frame(isIDR: true, bytes: rung.frameBytes * 4))
                ])
            playlist.segments.append(
                .init(uri: "\(second + 1).m4s", durationMicroseconds: 1_000_000, map: .init(uri: "init.mp4")))
        }
        playlists["\(name)/index.m3u8"] = playlist
        multivariant.iFrameVariants.append(
            .init(
                uri: "\(name)/index.m3u8", bandwidth: 0, codecs: [Self.track(rung.sequence).configuration.codecString],
                resolution: .init(width: rung.sequence.width, height: rung.sequence.height)))
    }

    // MARK: Rates

    /// Puts the rates that the files have into the multivariant playlist.
    mutating func state() {
        for index in multivariant.variants.indices {
            let variant = multivariant.variants[index]
            let own = rate(of: variant.uri)
            let others = multivariant.renditions.compactMap { $0.uri.map { rate(of: $0) } }
            multivariant.variants[index].bandwidth = own.peak + others.map(\.peak).reduce(0, +)
            multivariant.variants[index].averageBandwidth = own.average + others.map(\.average).reduce(0, +)
        }
        for index in multivariant.iFrameVariants.indices {
            let own = rate(of: multivariant.iFrameVariants[index].uri)
            multivariant.iFrameVariants[index].bandwidth = own.peak
            multivariant.iFrameVariants[index].averageBandwidth = own.average
        }
    }

    func rate(of name: String) -> MeasuredBandwidth {
        let playlist = playlists[name]!
        let folder = name.split(separator: "/").dropLast().joined(separator: "/")
        return MeasuredBandwidth(
            segments: playlist.segments.map {
                .init(
                    bytes: $0.byteRange?.length ?? files[(folder.isEmpty ? "" : folder + "/") + $0.uri]!.count,
                    durationMicroseconds: $0.durationMicroseconds)
            }, targetDurationSeconds: playlist.targetDurationSeconds)
    }

    // MARK: Checking

    /// The report on the film, from `start`; whoever asks for an address is `delayed` first.
    func report(
        from start: String = "index.m3u8", options: ConformanceCheck.Options = .init(),
        decrypt: ConformanceCheck.Decrypt? = nil, delayed: @escaping @Sendable (String) async -> Void = { _ in }
    ) async -> ConformanceReport {
        var everything = files
        for (name, playlist) in playlists where everything[name] == nil { everything[name] = Array(playlist.text.utf8) }
        if everything["index.m3u8"] == nil { everything["index.m3u8"] = Array(multivariant.text.utf8) }
        let files = everything
        let delivery = delivery
        let check = ConformanceCheck(options: options, decrypt: decrypt) { request in
            await delayed(request.address)
            guard let content = files[request.address] else { return .failure(.missing(status: 404)) }
            guard let range = request.range else {
                return .success(Resource(content: content, delivery: delivery(request.address)))
            }
            guard range.upperBound <= content.count else { return .failure(.missing(status: 416)) }
            return .success(Resource(content: Array(content[range]), delivery: delivery(request.address)))
        }
        return await check.run(start)
    }
}

extension ConformanceReport {
    /// Rule numbers of the findings, each once, sorted.
    var rules: [String] { Array(Set(findings.map(\.rule.number))).sorted() }
}
