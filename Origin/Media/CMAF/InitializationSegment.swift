/// The header a player reads once per rendition: `ftyp` and a `moov` without samples (ISO/IEC 23000-19 §7.3).
public enum InitializationSegment {
    /// For pictures.
    ///
    /// Frames are shown later than they are decoded by a constant delay, which one edit takes off: the first frame is shown
    /// at time 0. Signed offsets would need no edit, but FFmpeg's demuxer shows such a track two frames late.
    public static func bytes(video track: VideoTrack) -> [UInt8] {
        var writer = BoxWriter()
        fileType(&writer, brands: ["iso6", "cmfc"])
        movie(&writer, timescale: track.timescale) { writer in
            trackHeader(&writer, volume: 0, width: track.width, height: track.height)
            edit(&writer, startingAt: track.reorderDelay)
            writer.box("mdia") { writer in
                mediaHeader(&writer, timescale: track.timescale, language: "und")
                handler(&writer, "vide", name: "Video")
                writer.box("minf") { writer in
                    writer.fullBox("vmhd", flags: 1) { $0.zeros(8) }
                    dataInformation(&writer)
                    sampleTable(&writer) { sampleEntry(&$0, video: track) }
                }
            }
        }
        return writer.bytes
    }

    /// For sound.
    ///
    /// One edit hides the encoder's priming samples.
    public static func bytes(audio track: AudioTrack) -> [UInt8] {
        var writer = BoxWriter()
        fileType(&writer, brands: ["iso6", "cmfc"])
        movie(&writer, timescale: track.sampleRate) { writer in
            trackHeader(&writer, volume: 0x0100, width: 0, height: 0)
            edit(&writer, startingAt: track.priming)
            writer.box("mdia") { writer in
                mediaHeader(&writer, timescale: track.sampleRate, language: track.language)
                handler(&writer, "soun", name: "Audio")
                writer.box("minf") { writer in
                    writer.fullBox("smhd") { $0.zeros(4) }
                    dataInformation(&writer)
                    sampleTable(&writer) { sampleEntry(&$0, audio: track) }
                }
            }
        }
        return writer.bytes
    }

    /// One edit that begins at `mediaTime`; 0 milliseconds mean as long as the fragments.
    static func edit(_ writer: inout BoxWriter, startingAt mediaTime: Int, milliseconds: UInt32 = 0) {
        writer.box("edts") { writer in
            writer.fullBox("elst") { writer in
                writer.u32(1)
                writer.u32(milliseconds)
                writer.u32(UInt32(mediaTime))
                writer.u32(0x0001_0000)
            }
        }
    }

    private static func fileType(_ writer: inout BoxWriter, brands: [StaticString]) {
        writer.box("ftyp") { writer in
            writer.four(brands[0])
            writer.u32(0)
            for brand in brands { writer.four(brand) }
        }
    }

    private static func movie(_ writer: inout BoxWriter, timescale: Int, track: (inout BoxWriter) -> Void) {
        writer.box("moov") { writer in
            movieHeader(&writer, timescale: timescale, duration: 0, nextTrack: 2)
            writer.box("trak", track)
            writer.box("mvex") { writer in
                writer.fullBox("trex") { writer in
                    writer.u32(1)
                    writer.u32(1)
                    writer.zeros(12)
                }
            }
        }
    }

    static func movieHeader(_ writer: inout BoxWriter, timescale: Int, duration: UInt32, nextTrack: Int) {
        writer.fullBox("mvhd") { writer in
            writer.zeros(8)  // creation and modification: a rerun gives the same bytes
            writer.u32(UInt32(timescale))
            writer.u32(duration)
            writer.u32(0x0001_0000)
            writer.u16(0x0100)
            writer.zeros(10)
            matrix(&writer)
            writer.zeros(24)
            writer.u32(UInt32(nextTrack))
        }
    }

    private static func trackHeader(_ writer: inout BoxWriter, volume: UInt16, width: Int, height: Int) {
        writer.fullBox("tkhd", flags: 7) { writer in
            writer.zeros(8)
            writer.u32(1)
            writer.zeros(8)
            writer.zeros(12)
            writer.u16(volume)
            writer.u16(0)
            matrix(&writer)
            writer.u32(UInt32(width) << 16)
            writer.u32(UInt32(height) << 16)
        }
    }

    private static func matrix(_ writer: inout BoxWriter) {
        for value in [0x0001_0000, 0, 0, 0, 0x0001_0000, 0, 0, 0, 0x4000_0000] as [UInt32] { writer.u32(value) }
    }

    private static func mediaHeader(_ writer: inout BoxWriter, timescale: Int, language: String) {
        let letters = language.utf8.count == 3 ? Array(language.utf8) : Array("und".utf8)
        writer.fullBox("mdhd") { writer in
            writer.zeros(8)
            writer.u32(UInt32(timescale))
            writer.u32(0)
            writer.u16(letters.reduce(0) { $0 << 5 | UInt16(($1 &- 0x60) & 0x1f) })
            writer.u16(0)
        }
    }

    private static func handler(_ writer: inout BoxWriter, _ kind: StaticString, name: StaticString) {
        writer.fullBox("hdlr") { writer in
            writer.u32(0)
            writer.four(kind)
            writer.zeros(12)
            name.withUTF8Buffer { writer.raw($0) }
            writer.u8(0)
        }
    }

    private static func dataInformation(_ writer: inout BoxWriter) {
        writer.box("dinf") { writer in
            writer.fullBox("dref") { writer in
                writer.u32(1)
                writer.fullBox("url ", flags: 1) { _ in }
            }
        }
    }

    private static func sampleTable(_ writer: inout BoxWriter, entry: (inout BoxWriter) -> Void) {
        writer.box("stbl") { writer in
            writer.fullBox("stsd") { writer in
                writer.u32(1)
                entry(&writer)
            }
            writer.fullBox("stts") { $0.u32(0) }
            writer.fullBox("stsc") { $0.u32(0) }
            writer.fullBox("stsz") { $0.zeros(8) }
            writer.fullBox("stco") { $0.u32(0) }
        }
    }
}
