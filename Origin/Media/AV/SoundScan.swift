internal import CFFmpeg
internal import CMAF
internal import MediaPlan

/// Measures how the frames of an AAC stream are coded and how evenly they come, and what keeps them from being copied.
struct SoundScan {
    private let unit: Rational
    private let limit: Int
    private(set) var sound: MeasuredSound
    private var start: Int64?
    private var bytes = 0
    private var recent = [Int](repeating: 0, count: Self.window)
    private var recentBytes = 0
    private var mostBytes = 0
    private var isHeard = false
    private var isOver = false

    /// Frames over which the highest rate is measured.
    private static let window = 128

    /// nil unless the header of `source` has a configuration of stream `index`.
    init?(_ source: MediaSource, index: Int) {
        guard let bytes = source.soundConfiguration(of: index), let header = AACConfiguration(specificConfig: bytes),
            let unit = source.unit(of: index)
        else { return nil }
        self.unit = unit
        // 6144 bits for each channel (ISO/IEC 14496-3 §4.5.3.1), and some for what belongs to no channel.
        limit = 768 * max(1, header.channels) + 256
        sound = MeasuredSound(configuration: bytes, header: header)
    }

    mutating func add(_ packet: Packet) {
        guard sound.fault == nil else { return }
        if let fault = fault(of: packet) {
            sound.fault = "its frame \(sound.frames + 1) \(fault)"
            return
        }
        if packet.packet.pointee.flags & AV_PKT_FLAG_DISCARD == 0 { isHeard = true } else if isHeard { isOver = true }
        guard !isOver else { return }
        place(packet)
        count(Int(packet.packet.pointee.size))
    }

    private func fault(of packet: Packet) -> String? {
        let pointee = packet.packet.pointee
        if pointee.flags & AV_PKT_FLAG_CORRUPT != 0 { return "is damaged" }
        guard (1...limit).contains(Int(pointee.size)) else { return "has \(pointee.size) bytes" }
        if packet.presentation == nil { return "does not say when it is heard" }
        if packet.has(AV_PKT_DATA_ENCRYPTION_INFO) { return "is encrypted" }
        if packet.data(AV_PKT_DATA_NEW_EXTRADATA) ?? sound.configuration != sound.configuration {
            return "has another configuration"
        }
        if isOver, pointee.flags & AV_PKT_FLAG_DISCARD == 0 { return "follows others that an edit leaves out" }
        return nil
    }

    /// Compares when the packet is heard with an even clock.
    private mutating func place(_ packet: Packet) {
        guard let time = packet.presentation else { return }
        sound.skippedSamples = max(sound.skippedSamples, sound.frames == 0 ? packet.skippedSamples : 0)
        let first = start ?? time
        if start == nil {
            start = time
            sound.startMicroseconds = unit.microseconds(units: time)
        }
        let samples = Int64(sound.frames) * Int64(sound.header.frameLength)
        let even = samples * 1_000_000 / Int64(sound.header.sampleRate)
        let late = unit.microseconds(units: time &- first) &- even
        sound.earliest = min(sound.earliest, late)
        sound.latest = max(sound.latest, late)
    }

    private mutating func count(_ size: Int) {
        let place = sound.frames % Self.window
        recentBytes += size - recent[place]
        recent[place] = size
        mostBytes = max(mostBytes, recentBytes)
        bytes += size
        sound.frames += 1
    }

    /// All that was measured.
    var measured: MeasuredSound {
        var sound = sound
        sound.bitsPerSecond = rate(of: bytes, frames: sound.frames)
        sound.peakBitsPerSecond = rate(of: mostBytes, frames: min(sound.frames, Self.window))
        return sound
    }

    private func rate(of bytes: Int, frames: Int) -> Int {
        bytes * 8 * sound.header.sampleRate / max(1, frames * sound.header.frameLength)
    }
}

extension MediaSource {
    /// The AudioSpecificConfig of stream `index`; nil for other codecs, and where each frame brings its own.
    func soundConfiguration(of index: Int) -> [UInt8]? {
        guard let parameters = stream(index)?.pointee.codecpar, parameters.pointee.codec_id == AV_CODEC_ID_AAC,
            let data = parameters.pointee.extradata, (2...64).contains(parameters.pointee.extradata_size)
        else { return nil }
        return [UInt8](UnsafeBufferPointer(start: data, count: Int(parameters.pointee.extradata_size)))
    }
}
