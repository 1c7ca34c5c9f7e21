extension InitializationSegment {
    static func sampleEntry(_ writer: inout BoxWriter, video track: VideoTrack) {
        let boxes = track.configuration.boxes
        writer.box(boxes.entry) { writer in
            writer.zeros(6)
            writer.u16(1)
            writer.zeros(16)
            writer.u16(UInt16(track.width))
            writer.u16(UInt16(track.height))
            writer.u32(0x0048_0000)
            writer.u32(0x0048_0000)
            writer.u32(0)
            writer.u16(1)
            writer.zeros(32)
            writer.u16(0x0018)
            writer.u16(0xffff)
            writer.box(boxes.configuration) { $0.raw(boxes.record) }
            writer.box("colr") { writer in
                writer.four("nclx")
                writer.u16(track.colour.primaries)
                writer.u16(track.colour.transfer)
                writer.u16(track.colour.matrix)
                writer.u8(0)
            }
            writer.box("pasp") { writer in
                writer.u32(1)
                writer.u32(1)
            }
        }
    }

    static func sampleEntry(_ writer: inout BoxWriter, audio track: AudioTrack) {
        writer.box("mp4a") { writer in
            writer.zeros(6)
            writer.u16(1)
            writer.zeros(8)
            writer.u16(UInt16(track.channels))
            writer.u16(16)
            writer.zeros(4)
            writer.u32(UInt32(track.sampleRate) << 16)
            writer.fullBox("esds") { elementaryStream(&$0, track) }
        }
    }

    /// ES_Descriptor (ISO/IEC 14496-1 §7.2.6.5) of an AAC stream.
    private static func elementaryStream(_ writer: inout BoxWriter, _ track: AudioTrack) {
        var decoder = BoxWriter()
        decoder.u8(0x40)  // MPEG-4 audio
        decoder.u8(0x15)  // an audio stream
        decoder.raw([0, 0x18, 0])
        decoder.u32(UInt32(track.bitsPerSecond))
        decoder.u32(UInt32(track.bitsPerSecond))
        descriptor(&decoder, 0x05, track.specificConfig)
        var stream = BoxWriter()
        stream.u16(1)
        stream.u8(0)
        descriptor(&stream, 0x04, decoder.bytes)
        descriptor(&stream, 0x06, [0x02])
        descriptor(&writer, 0x03, stream.bytes)
    }

    private static func descriptor(_ writer: inout BoxWriter, _ tag: UInt8, _ payload: [UInt8]) {
        precondition(payload.count < 128, "a descriptor of this writer has a one-byte length")
        writer.u8(tag)
        writer.u8(UInt8(payload.count))
        writer.raw(payload)
    }
}
