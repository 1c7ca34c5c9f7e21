import CMAF

extension MediaTraits {
    /// What the sample descriptions of an initialisation section say.
    init(_ header: MovieHeader) {
        for track in header.tracks {
            guard let entry = track.entries.first else { continue }
            switch track.handler {
            case "vide": video = video ?? Video(entry)
            case "soun": audio.append(Audio(entry))
            case "subt", "text": text.append(entry.format == "stpp" ? "stpp.ttml.im1t" : entry.format)
            default: break
            }
        }
    }
}

extension MediaTraits.Video {
    init(_ entry: SampleDescription) {
        self.init(format: entry.format)
        width = entry.width
        height = entry.height
        if let aspect = entry.pixelAspect, aspect.horizontal > 0, aspect.vertical > 0 {
            pixelAspect = Double(aspect.horizontal) / Double(aspect.vertical)
        }
        switch format {
        case "avc1", "avc3":
            let parts = AVCRecord(entry.boxes["avcC"] ?? [])?.sequences.map { sequence in
                var part = self
                part.take(sequence)
                return part
            }
            if let first = parts?.first { self = first }
            for part in parts?.dropFirst() ?? [] { join(part) }
        case "hvc1", "hev1":
            if let record = HEVCRecord(entry.boxes["hvcC"] ?? []) { take(record) }
        case "av01":
            if let record = AV1Configuration(record: entry.boxes["av1C"] ?? []) { take(record) }
        default:
            break
        }
        // The box speaks for the track where it stands; ISO/IEC 14496-12 §12.1.5.
        if let colour = entry.colour {
            range =
                ColourCode(
                    primaries: Int(colour.primaries), transfer: Int(colour.transfer), matrix: Int(colour.matrix)
                ).videoRange ?? range
        }
        if let protection = entry.protection {
            self.protection = protection.scheme
            if protection.scheme == "cbcs" {
                isPatternRight = protection.pattern.map { $0.encrypted == 1 && $0.clear == 9 } ?? false
            }
        }
    }

    mutating func take(_ sequence: AVCSequence) {
        codec = format + sequence.codec.dropFirst(4)
        profile = sequence.profile
        constraints = sequence.constraints
        level = sequence.level
        width = sequence.width
        height = sequence.height
        isProgressive = sequence.isProgressive
        macroblocks = sequence.macroblocks
        referenceFrames = sequence.referenceFrames
        range = sequence.colour?.videoRange
        if let aspect = sequence.pixelAspect, aspect.horizontal > 0, aspect.vertical > 0 {
            pixelAspect = Double(aspect.horizontal) / Double(aspect.vertical)
        }
    }

    private mutating func take(_ record: HEVCRecord) {
        codec = record.profile.codec(format: format)
        profile = record.profile.profile
        level = record.profile.level
        isHighTier = record.profile.isHighTier
        hasStaticMetadata = record.hasInformation
        if let sequence = record.sequence {
            width = sequence.width
            height = sequence.height
        }
    }
}

extension MediaTraits.Video {
    private mutating func take(_ record: AV1Configuration) {
        codec = record.codecString
        profile = record.profile
        level = record.level
        isHighTier = record.isHighTier
        if let sequence = record.sequence {
            width = sequence.width
            height = sequence.height
            range = sequence.colour?.videoRange
        }
    }
}

extension MediaTraits.Audio {
    init(_ entry: SampleDescription) {
        self.init(format: entry.format, codec: entry.format, channels: entry.channels, sampleRate: entry.sampleRate)
        switch format {
        case "mp4a":
            codec = nil
            guard let stream = AACConfiguration.read(elementaryStream: entry.boxes["esds"] ?? []) else { return }
            if stream.objectTypeIndication == 0x6b || stream.objectTypeIndication == 0x69 {
                codec = "mp4a.40.34"
            } else if let configuration = stream.configuration {
                codec = configuration.codec
                channels = configuration.heardChannels > 0 ? configuration.heardChannels : channels
                sampleRate = configuration.sampleRate
            }
        case "ac-3":
            if let box = entry.boxes["dac3"], let count = Self.dolbyChannels(box) { channels = count }
        case "Opus":
            codec = "opus"
            if let box = entry.boxes["dOps"], box.count > 1 { channels = Int(box[1]) }
        default:
            break
        }
    }

    /// fscod, bsid, bsmod, acmod, lfeon (ETSI TS 102 366 annex F.4).
    private static func dolbyChannels(_ box: [UInt8]) -> Int? {
        guard box.count >= 3 else { return nil }
        let mode = Int(box[1] >> 3 & 7)
        return [2, 1, 2, 3, 3, 4, 4, 5][mode] + Int(box[1] >> 2 & 1)
    }
}

/// `avcC` (ISO/IEC 14496-15 §5.3.3.1).
struct AVCRecord {
    let lengthBytes: Int
    /// The sequence parameter sets that can be read.
    let sequences: [AVCSequence]

    init?(_ record: [UInt8]) {
        guard record.count >= 6, record[0] == 1 else { return nil }
        lengthBytes = Int(record[4] & 3) + 1
        var found: [AVCSequence] = []
        var offset = 6
        for _ in 0..<record[5] & 0x1f where offset + 2 <= record.count {
            let length = Int(record[offset]) << 8 | Int(record[offset + 1])
            offset += 2
            guard offset + length <= record.count else { break }
            if let sequence = AVCSequence(unit: record[offset..<offset + length]) { found.append(sequence) }
            offset += length
        }
        sequences = found
    }
}
