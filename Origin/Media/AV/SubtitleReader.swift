internal import CFFmpeg
internal import MediaPlan

/// Decodes one stream of subtitles that are text.
///
/// Confined to one thread.
public final class SubtitleReader {
    /// A text and when it is shown.
    public struct Event: Sendable, Equatable {
        /// The nine fields of an ASS dialogue line, which libavcodec makes of every kind of text; any bytes.
        public let dialogue: [UInt8]
        /// When it appears, in milliseconds from the output's time 0.
        public let start: Int64
        /// When it disappears; nil when the file does not say.
        public let end: Int64?
    }

    /// The decoder and its counts.
    public let decoder: Decoder

    /// Longest text that is looked at; what is longer is a fault of the file.
    private static let maximumBytes = 64 << 10

    /// Reads stream `index`; `origin` is the output's time 0 in microseconds of the file's own clock.
    public init(source: MediaSource, streamIndex index: Int, origin: Int64 = 0) throws {
        decoder = try Decoder(source: source, streamIndex: index, maximumPixels: 1, origin: origin)
    }

    /// Decodes `packet`; broken ones are counted and skipped.
    public func read(_ packet: Packet, _ body: (Event) throws -> Void) rethrows {
        decoder.packets += 1
        var subtitle = AVSubtitle()
        var isComplete: Int32 = 0
        let status = avcodec_decode_subtitle2(decoder.context, &subtitle, &isComplete, packet.packet)
        defer { avsubtitle_free(&subtitle) }
        let time = packet.packet.pointee.pts
        guard status >= 0, time != weir_no_timestamp() else {
            decoder.brokenPackets += 1
            return
        }
        guard isComplete != 0 else { return }
        let start = decoder.unit.microseconds(units: decoder.ticks(time)) / 1000
        for index in 0..<Int(subtitle.num_rects) {
            guard let text = subtitle.rects[index]?.pointee.ass else { continue }
            let length = strnlen(text, Self.maximumBytes)
            let bytes = UnsafeRawBufferPointer(start: text, count: length)
            decoder.frames += 1
            try body(
                Event(
                    dialogue: Array(bytes), start: start &+ Int64(subtitle.start_display_time),
                    end: Self.end(of: subtitle).map { start &+ $0 }))
        }
    }

    private static func end(of subtitle: AVSubtitle) -> Int64? {
        let shown = subtitle.end_display_time
        return shown > subtitle.start_display_time && shown != .max ? Int64(shown) : nil
    }
}
