/// A segment of an MPEG transport stream taken apart (ISO/IEC 13818-1); keeps no more than the bytes it was given.
struct TransportStream {
    /// One packet of an elementary stream.
    struct ElementaryPacket: Equatable {
        /// Presentation time in ticks of 90 kHz, 33 bits.
        var presentation: Int64?
        /// Decoding time in ticks of 90 kHz, 33 bits; the presentation time where there is none.
        var decoding: Int64?
        /// Where its bytes are in the stream's `payload`.
        var range: Range<Int>
    }

    /// One elementary stream.
    struct Stream {
        var pid: Int
        /// stream_type of the program map.
        var kind: UInt8
        var payload: [UInt8] = []
        var packets: [ElementaryPacket] = []
        var counterErrors = 0
    }

    private(set) var programs: [Int] = []
    private(set) var hasMap = false
    private(set) var streams: [Stream] = []
    /// Whether the tables come before the first packet that needs them.
    private(set) var beginsWithTables = false

    private static let packetSize = 188
    private var mapPID: Int?
    private var places: [Int: Int] = [:]
    private var counters: [Int: UInt8] = [:]
    private var sections: [Int: [UInt8]] = [:]

    static func isOne(_ bytes: [UInt8]) -> Bool {
        bytes.first == 0x47 && (bytes.count < packetSize + 1 || bytes[packetSize] == 0x47) && bytes.count >= packetSize
    }

    /// nil when the packets lose their rhythm, or there are more than 16 elementary streams.
    init?(_ bytes: [UInt8]) {
        guard bytes.count % Self.packetSize == 0 else { return nil }
        for start in stride(from: 0, to: bytes.count, by: Self.packetSize) {
            guard bytes[start] == 0x47 else { return nil }
            take(bytes[start..<start + Self.packetSize])
            if streams.count > 16 { return nil }
        }
        for index in streams.indices { close(index) }
    }

    private mutating func take(_ packet: ArraySlice<UInt8>) {
        let base = packet.startIndex
        let pid = Int(packet[base + 1] & 0x1f) << 8 | Int(packet[base + 2])
        guard pid != 0x1fff, packet[base + 1] & 0x80 == 0 else { return }
        let isStart = packet[base + 1] & 0x40 != 0
        let control = packet[base + 3] >> 4 & 3
        var offset = base + 4
        var mayJump = false
        if control & 2 != 0 {
            let length = Int(packet[offset])
            if length > 0 { mayJump = packet[offset + 1] & 0x80 != 0 }
            offset += 1 + length
        }
        guard control & 1 != 0, offset < packet.endIndex else { return }
        let isRepeated = count(packet[base + 3] & 15, pid: pid, mayJump: mayJump)
        if isRepeated { return }
        let payload = packet[offset...]
        if pid == 0 || pid == mapPID {
            takeSection(payload, isStart: isStart, pid: pid)
        } else if let index = places[pid] {
            takeElementary(payload, isStart: isStart, stream: index)
        }
    }

    /// - Returns: whether the packet is a copy of the one before, which is allowed once.
    private mutating func count(_ counter: UInt8, pid: Int, mayJump: Bool) -> Bool {
        defer { counters[pid] = counter }
        guard let last = counters[pid], !mayJump else { return false }
        if counter == last { return true }
        if counter != (last + 1) & 15, let index = places[pid] { streams[index].counterErrors += 1 }
        return false
    }

    // MARK: Tables

    private mutating func takeSection(_ payload: ArraySlice<UInt8>, isStart: Bool, pid: Int) {
        var rest = payload
        if isStart {
            guard let pointer = rest.popFirst() else { return }
            rest = rest.dropFirst(Int(pointer))
            sections[pid] = []
        }
        guard var section = sections[pid], section.count < 4_096 else { return }
        section += rest
        sections[pid] = section
        guard section.count >= 3 else { return }
        let length = Int(section[1] & 15) << 8 | Int(section[2])
        guard length >= 9, section.count >= 3 + length else { return }
        let body = section[8..<3 + length - 4]
        sections[pid] = nil
        if section[0] == 0 { takePrograms(body) }
        if section[0] == 2 { takeStreams(body) }
    }

    private mutating func takePrograms(_ body: ArraySlice<UInt8>) {
        guard programs.isEmpty else { return }
        var rest = body
        while rest.count >= 4 {
            let number = Int(rest[rest.startIndex]) << 8 | Int(rest[rest.startIndex + 1])
            let pid = Int(rest[rest.startIndex + 2] & 0x1f) << 8 | Int(rest[rest.startIndex + 3])
            if number != 0 {
                programs.append(number)
                if mapPID == nil { mapPID = pid }
            }
            rest = rest.dropFirst(4)
        }
    }

    private mutating func takeStreams(_ body: ArraySlice<UInt8>) {
        guard !hasMap, body.count >= 4 else { return }
        hasMap = true
        beginsWithTables = true
        let information = Int(body[body.startIndex + 2] & 15) << 8 | Int(body[body.startIndex + 3])
        var rest = body.dropFirst(4 + information)
        while rest.count >= 5 {
            let base = rest.startIndex
            let pid = Int(rest[base + 1] & 0x1f) << 8 | Int(rest[base + 2])
            if places[pid] == nil {
                places[pid] = streams.count
                streams.append(Stream(pid: pid, kind: rest[base]))
            }
            rest = rest.dropFirst(5 + (Int(rest[base + 3] & 15) << 8 | Int(rest[base + 4])))
        }
    }

    // MARK: Elementary streams

    private mutating func takeElementary(_ payload: ArraySlice<UInt8>, isStart: Bool, stream index: Int) {
        guard isStart else {
            if !streams[index].packets.isEmpty { streams[index].payload += payload }
            return
        }
        close(index)
        let base = payload.startIndex
        guard payload.count >= 9, payload[base] == 0, payload[base + 1] == 0, payload[base + 2] == 1 else { return }
        let flags = payload[base + 7] >> 6
        let header = 9 + Int(payload[base + 8])
        guard payload.count >= header else { return }
        let presentation = flags & 2 != 0 && header >= 14 ? Self.time(payload, at: base + 9) : nil
        let decoding = flags == 3 && header >= 19 ? Self.time(payload, at: base + 14) : nil
        let start = streams[index].payload.count
        streams[index].payload += payload.dropFirst(header)
        streams[index].packets.append(
            ElementaryPacket(presentation: presentation, decoding: decoding ?? presentation, range: start..<start))
    }

    /// The last packet of a stream lasts to here.
    private mutating func close(_ index: Int) {
        guard let last = streams[index].packets.indices.last else { return }
        let start = streams[index].packets[last].range.lowerBound
        streams[index].packets[last].range = start..<streams[index].payload.count
    }

    private static func time(_ bytes: ArraySlice<UInt8>, at offset: Int) -> Int64 {
        Int64(bytes[offset] >> 1 & 7) << 30 | Int64(bytes[offset + 1]) << 22 | Int64(bytes[offset + 2] >> 1) << 15
            | Int64(bytes[offset + 3]) << 7 | Int64(bytes[offset + 4] >> 1)
    }
}
