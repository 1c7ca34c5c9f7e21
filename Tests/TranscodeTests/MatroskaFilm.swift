/// A Matroska file of uncompressed sound and subtitles, with every figure as the test wants it.
struct MatroskaFilm: Sendable {
    struct Text: Sendable {
        var start: Int64
        /// Nil: the file does not say.
        var duration: Int64?
        var bytes: [UInt8]

        init(_ start: Int64, _ duration: Int64?, _ text: String) {
            self.init(start, duration, bytes: Array(text.utf8))
        }

        init(_ start: Int64, _ duration: Int64?, bytes: [UInt8]) {
            self.start = start
            self.duration = duration
            self.bytes = bytes
        }
    }

    struct Subtitles: Sendable {
        var codec = "S_TEXT/UTF8"
        var language = "eng"
        var title: String?
        var isForced = false
        var describesSound = false
        var header: [UInt8] = []
        var texts: [Text] = []
    }

    var seconds: Int
    /// What the file's clock shows when the film begins, in milliseconds; texts count from there.
    var beginning: Int64 = 0
    var channels = 2
    var language = "eng"
    var subtitles: [Subtitles] = []
    /// A sample of a channel, by the number of both; silence unless given.
    var sample: @Sendable (_ time: Int, _ channel: Int) -> Int16 = { _, _ in 0 }

    private static let rate = 48_000

    var bytes: [UInt8] {
        let header = element(
            0x1a45_dfa3, element(0x4282, Array("matroska".utf8)) + number(0x4287, 4) + number(0x4285, 2))
        let info = element(0x1549_a966, number(0x2a_d7b1, 1_000_000))
        var tracks = element(0xae, sound)
        for (index, stream) in subtitles.enumerated() { tracks += element(0xae, track(stream, number: index + 2)) }
        return header + element(0x1853_8067, info + element(0x1654_ae6b, tracks) + clusters)
    }

    /// A second of sound each, and what is said in it.
    private var clusters: [UInt8] {
        (0..<seconds).flatMap { second in
            let start = Int64(second) * 1000
            var blocks: [UInt8] = []
            for tenth in 0..<10 {
                let first = second * Self.rate + tenth * Self.rate / 10
                blocks += element(0xa3, block(1, Int64(tenth) * 100, samples(first..<first + Self.rate / 10)))
            }
            for (index, stream) in subtitles.enumerated() {
                let said = stream.texts.filter { text in
                    (start..<start + 1000).contains(text.start) || second == 0 && text.start < 0
                }
                for text in said {
                    let duration = text.duration.map { number(0x9b, UInt64($0)) } ?? []
                    blocks += element(0xa0, element(0xa1, block(index + 2, text.start - start, text.bytes)) + duration)
                }
            }
            return element(0x1f43_b675, number(0xe7, UInt64(beginning + start)) + blocks)
        }
    }

    private func samples(_ times: Range<Int>) -> [UInt8] {
        times.flatMap { time in
            (0..<channels).flatMap { channel -> [UInt8] in
                let value = UInt16(bitPattern: sample(time, channel))
                return [UInt8(truncatingIfNeeded: value), UInt8(truncatingIfNeeded: value >> 8)]
            }
        }
    }

    private var sound: [UInt8] {
        let format =
            element(0xb5, big(Double(Self.rate).bitPattern, 8)) + number(0x9f, UInt64(channels)) + number(0x6264, 16)
        return number(0xd7, 1) + number(0x73c5, 1) + number(0x83, 2) + element(0x86, Array("A_PCM/INT/LIT".utf8))
            + element(0x22_b59c, Array(language.utf8)) + element(0xe1, format)
    }

    private func track(_ stream: Subtitles, number index: Int) -> [UInt8] {
        number(0xd7, UInt64(index)) + number(0x73c5, UInt64(index)) + number(0x83, 0x11)
            + element(0x86, Array(stream.codec.utf8)) + element(0x22_b59c, Array(stream.language.utf8))
            + (stream.title.map { element(0x536e, Array($0.utf8)) } ?? []) + number(0x55aa, stream.isForced ? 1 : 0)
            + number(0x55ab, stream.describesSound ? 1 : 0)
            + (stream.header.isEmpty ? [] : element(0x63a2, stream.header))
    }

    private func block(_ track: Int, _ time: Int64, _ data: [UInt8]) -> [UInt8] {
        [0x80 | UInt8(track)] + big(UInt64(bitPattern: time), 2) + [0] + data
    }

    private func number(_ id: UInt32, _ value: UInt64) -> [UInt8] { element(id, big(value, 8)) }

    private func element(_ id: UInt32, _ content: [UInt8]) -> [UInt8] {
        Array(big(UInt64(id), 4).drop { $0 == 0 }) + [0x01] + big(UInt64(content.count), 7) + content
    }

    private func big(_ value: UInt64, _ bytes: Int) -> [UInt8] {
        (0..<bytes).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
}
