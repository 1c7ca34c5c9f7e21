/// Writes transport streams of pictures and sound that mean nothing, for films that tests make.
struct TransportWriter {
    /// One elementary stream of the program.
    struct Stream {
        var pid: Int
        var kind: UInt8
    }

    var hasTables = true
    var programs = 1
    private(set) var bytes: [UInt8] = []
    private var counters: [Int: UInt8] = [:]

    mutating func tables(_ streams: [Stream]) {
        guard hasTables else { return }
        let list = (1...programs).flatMap { number -> [UInt8] in [0, UInt8(number), 0xe1, 0x00] }
        section([0x00, 0xb0, UInt8(9 + list.count), 0, 1, 0xc1, 0, 0] + list, pid: 0)
        let entries = streams.flatMap { stream -> [UInt8] in
            [stream.kind, 0xe0 | UInt8(stream.pid >> 8), UInt8(stream.pid & 0xff), 0xf0, 0]
        }
        section([0x02, 0xb0, UInt8(13 + entries.count), 0, 1, 0xc1, 0, 0, 0xe1, 0x01, 0xf0, 0] + entries, pid: 0x100)
    }

    private mutating func section(_ body: [UInt8], pid: Int) {
        packet([0] + body + [0, 0, 0, 0], pid: pid, isStart: true, padding: 0xff)
    }

    /// One access unit in a packet of its stream.
    ///
    /// - Parameter time: in ticks of 90 kHz.
    mutating func unit(_ payload: [UInt8], pid: Int, time: Int) {
        let stamp: [UInt8] = [
            0x21 | UInt8(time >> 29 & 0x0e), UInt8(time >> 22 & 0xff), 1 | UInt8(time >> 14 & 0xfe),
            UInt8(time >> 7 & 0xff),
            1 | UInt8(time << 1 & 0xfe),
        ]
        var rest = ([0, 0, 1, 0xe0, 0, 0, 0x80, 0x80, 5] + stamp + payload)[...]
        var isStart = true
        while !rest.isEmpty {
            packet(Array(rest.prefix(184)), pid: pid, isStart: isStart, padding: nil)
            rest = rest.dropFirst(184)
            isStart = false
        }
    }

    /// - Parameter padding: what fills the payload; nil fills the adaptation field instead.
    private mutating func packet(_ payload: [UInt8], pid: Int, isStart: Bool, padding: UInt8?) {
        let counter = counters[pid, default: 0]
        counters[pid] = (counter + 1) & 15
        let header: [UInt8] = [0x47, (isStart ? 0x40 : 0) | UInt8(pid >> 8), UInt8(pid & 0xff)]
        let missing = 184 - payload.count
        if let padding {
            bytes += header + [0x10 | counter] + payload + [UInt8](repeating: padding, count: missing)
        } else if missing == 0 {
            bytes += header + [0x10 | counter] + payload
        } else {
            let field: [UInt8] =
                missing == 1 ? [0] : [UInt8(missing - 1), 0] + [UInt8](repeating: 0xff, count: missing - 2)
            bytes += header + [0x30 | counter] + field + payload
        }
    }

    /// A segment of `frames` pictures at 25 a second and the sound that goes with them.
    static func segment(
        from first: Int, frames: Int, sequence: SequenceSpec, beginsWithIDR: Bool = true, shift: Int = 0,
        sounds: Int = 1,
        _ change: (inout TransportWriter) -> Void = { _ in }
    ) -> [UInt8] {
        var writer = TransportWriter()
        change(&writer)
        let pictures = Stream(pid: 0x200, kind: 0x1b)
        let tracks = (0..<sounds).map { Stream(pid: 0x300 + $0, kind: 0x0f) }
        writer.tables([pictures] + tracks)
        for frame in first..<first + frames {
            let isIDR = frame % 50 == 0 && (frame != first || beginsWithIDR)
            let parameters = isIDR ? [0, 0, 0, 1] + sequence.unit + [0, 0, 0, 1, 0x68, 0xeb, 0xe3, 0xcb] : []
            writer.unit(
                parameters + [0, 0, 0, 1, isIDR ? 0x65 : 0x41] + [UInt8](repeating: 0xaa, count: 300),
                pid: pictures.pid,
                time: 900_000 + frame * 3_600 + shift)
            for track in tracks where frame % 2 == 0 {
                writer.unit(sound(frames: 4), pid: track.pid, time: 900_000 + frame * 3_600 + shift)
            }
        }
        return writer.bytes
    }

    /// AAC-LC at 48 kHz in stereo.
    static func sound(frames: Int) -> [UInt8] {
        (0..<frames).flatMap { _ -> [UInt8] in
            [0xff, 0xf1, 0x4c, 0x80, 0x02, 0xff, 0xfc] + [UInt8](repeating: 0x21, count: 16)
        }
    }
}
