internal import CFFmpeg
internal import MediaPlan

/// Decodes one sound stream once, and gives its frames in as many layouts as are wanted, each as `SoundShaper` says.
///
/// Confined to one thread.
public final class AudioReader {
    /// The decoder and its counts.
    public let decoder: Decoder
    private let shapers: [SoundShaper]

    /// Samples in every frame but the last.
    public static let frameSamples = SoundCopy.frameLength

    /// Reads stream `index`; `origin` is the output's time 0 in microseconds of the file's own clock. Each of `channels` is 2 or 6:
    /// front left and right, centre, low frequencies, back left and right.
    public init(source: MediaSource, streamIndex index: Int, channels: [Int] = [2], origin: Int64 = 0) throws {
        let decoder = try Decoder(source: source, streamIndex: index, maximumPixels: 1, origin: origin)
        self.decoder = decoder
        shapers = channels.map { SoundShaper(channels: $0, timeBase: decoder.stream.pointee.time_base) }
    }

    /// Decodes `packet`, or what is left when nil, and hands each frame to `body` with its layout's place in `channels`; the frames of
    /// a layout come in order and without gaps.
    public func read(_ packet: Packet?, _ body: (Picture, Int) throws -> Void) throws {
        try decoder.decode(packet) { picture, _ in try shape(picture, body) }
        if packet == nil { try shape(nil, body) }
    }

    private func shape(_ picture: Picture?, _ body: (Picture, Int) throws -> Void) throws {
        for (index, shaper) in shapers.enumerated() { try shaper.take(picture) { try body($0, index) } }
    }
}
