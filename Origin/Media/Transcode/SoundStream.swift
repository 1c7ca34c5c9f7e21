internal import AV
internal import MediaPlan
internal import Presentation

/// One sound stream of the upload, decoded once for all of its renditions.
final class SoundStream {
    /// Index in the file.
    let index: Int
    private let sounds: [(rendition: Int, sound: SoundRendition)]
    private let reader: AudioReader

    /// Opens the decoder; `sounds` are made of stream `index`.
    init(_ sounds: [(rendition: Int, sound: SoundRendition)], source: MediaSource, index: Int, origin: Int64) throws {
        self.index = index
        self.sounds = sounds
        reader = try AudioReader(
            source: source, streamIndex: index, channels: sounds.map(\.sound.plan.channels), origin: origin)
    }

    /// The decoder and its counts.
    var decoder: Decoder { reader.decoder }

    /// Name of the first rendition, which stands for all of them.
    var name: String { sounds[0].sound.plan.name }

    /// Takes the next packet, and tells `sink` of the segments that are complete.
    func read(_ packet: Packet, _ sink: any TranscodeSink) throws {
        let broken = decoder.brokenPackets
        try hear(packet, sink)
        for (rendition, sound) in sounds {
            try sound.take(packet, isBroken: decoder.brokenPackets > broken) { try sink.receive($0, of: rendition) }
        }
    }

    /// Gives what is left up to the film's end.
    func finish(_ sink: any TranscodeSink) throws {
        try hear(nil, sink)
        for (rendition, sound) in sounds { try sound.finish { try sink.receive($0, of: rendition) } }
    }

    private func hear(_ packet: Packet?, _ sink: any TranscodeSink) throws {
        try reader.read(packet) { picture, index in
            let (rendition, sound) = sounds[index]
            try sound.hear(picture) { try sink.receive($0, of: rendition) }
        }
    }
}
