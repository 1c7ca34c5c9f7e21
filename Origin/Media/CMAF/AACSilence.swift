/// A frame of AAC-LC in which nothing is heard.
public enum AACSilence {
    /// raw_data_block (ISO/IEC 14496-3 §4.4.2.1) of 1, 2 or 6 channels as channelConfiguration orders them; nil for others.
    ///
    /// A decoder that meets it first is as one that has met nothing: it adds nothing to what follows, and its window is the
    /// sine that decoders begin with.
    public static func frame(channels: Int) -> [UInt8]? {
        let elements: [(element: Element, tag: UInt64)]
        switch channels {
        case 1: elements = [(.single, 0)]
        case 2: elements = [(.pair, 0)]
        case 6: elements = [(.single, 0), (.pair, 0), (.pair, 1), (.lowFrequencies, 0)]
        default: return nil
        }
        var writer = BitWriter()
        for (element, tag) in elements {
            writer.write(element.rawValue, bits: 3)
            writer.write(tag, bits: 4)
            if element == .pair {
                writer.write(1, bits: 1)  // both channels share a window
                writeWindow(&writer)
                writer.write(0, bits: 2)  // no mid and side
                writeChannel(&writer, ownsWindow: false)
                writeChannel(&writer, ownsWindow: false)
            } else {
                writeChannel(&writer, ownsWindow: true)
            }
        }
        writer.write(7, bits: 3)
        return writer.written
    }

    /// id_syn_ele.
    private enum Element: UInt64 {
        case single = 0
        case pair = 1
        case lowFrequencies = 3
    }

    /// ics_info: one long sine window without a single band.
    private static func writeWindow(_ writer: inout BitWriter) { writer.write(0, bits: 11) }

    /// individual_channel_stream: a gain, and neither bands, pulses, noise shaping nor gain control.
    private static func writeChannel(_ writer: inout BitWriter, ownsWindow: Bool) {
        writer.write(0, bits: 8)
        if ownsWindow { writeWindow(&writer) }
        writer.write(0, bits: 3)
    }
}
