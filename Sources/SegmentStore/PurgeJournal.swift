internal import Bytes

/// The file that makes a purge outlive the machine: a base entry, then one entry per purge, each with its checksum.
///
/// Pure: bytes in, bytes out. The layout is in the README.
enum PurgeJournal {
    static let magic = Array("WEIRPJ01".utf8)

    /// One purge.
    struct Entry: Sendable, Equatable {
        var sequence: PurgeSequence
        var request: PurgeRequest
    }

    /// What a file says.
    struct Contents: Equatable {
        /// The newest sequence, whether or not its purge is still listed.
        var sequence: PurgeSequence
        var entries: [Entry]
        /// Purges that were settled when the file was written.
        var history: [Entry] = []
        /// Where the last entry ends that was understood; the next one belongs there.
        var end: Int
        /// Whether every byte was understood.
        ///
        /// If not, a purge may be lost, and nothing older may be served.
        var isComplete: Bool
    }

    /// A whole file. What lies behind `history` is set apart by an entry that covers nothing.
    static func encode(sequence: PurgeSequence, history: [Entry] = [], entries: [Entry]) -> [UInt8] {
        let mark = encode(Entry(sequence: sequence, request: PurgeRequest()))
        var bytes = magic + mark
        if !history.isEmpty {
            for entry in history { bytes += encode(entry) }
            bytes += mark
        }
        for entry in entries { bytes += encode(entry) }
        return bytes
    }

    /// One entry: length of the payload, CRC-32C of the payload, payload.
    static func encode(_ entry: Entry) -> [UInt8] {
        var payload: [UInt8] = []
        payload.append(littleEndian: entry.sequence.rawValue)
        payload.append((entry.request.all ? 1 : 0) | (entry.request.soft ? 2 : 0))
        for list in [entry.request.urls, entry.request.prefixes, entry.request.tags] {
            payload.append(littleEndian: UInt32(list.count))
            for item in list {
                payload.append(littleEndian: UInt32(item.count))
                payload += item
            }
        }
        var bytes: [UInt8] = []
        bytes.append(littleEndian: UInt32(payload.count))
        bytes.append(littleEndian: payload.withUnsafeBytes { CRC32C.checksum($0) })
        return bytes + payload
    }

    /// Reads as far as the bytes make sense; `nil` if not even the beginning does. Zeros at the end are room.
    static func decode(_ bytes: [UInt8]) -> Contents? {
        guard bytes.starts(with: magic) else { return nil }
        return bytes.withUnsafeBytes { bytes in
            var offset = magic.count
            guard let (base, start) = entry(in: bytes, at: offset) else { return nil }
            var contents = Contents(sequence: base.sequence, entries: [], end: start, isComplete: true)
            offset = start
            while offset < bytes.count {
                guard let (entry, end) = entry(in: bytes, at: offset) else {
                    contents.isComplete = bytes[offset...].allSatisfy { $0 == 0 }
                    break
                }
                if entry.request == PurgeRequest() {
                    contents.history += contents.entries
                    contents.entries = []
                } else {
                    contents.entries.append(entry)
                }
                contents.sequence = max(contents.sequence, entry.sequence)
                offset = end
                contents.end = end
            }
            return contents
        }
    }

    private static func entry(in bytes: UnsafeRawBufferPointer, at offset: Int) -> (Entry, end: Int)? {
        guard bytes.count - offset >= 8 else { return nil }
        let count = Int(bytes.load(offset) as UInt32)
        let sum: UInt32 = bytes.load(offset + 4)
        let start = offset + 8
        guard count >= 9, count <= bytes.count - start else { return nil }
        let payload = UnsafeRawBufferPointer(rebasing: bytes[start..<start + count])
        guard CRC32C.checksum(payload) == sum else { return nil }
        var request = PurgeRequest()
        request.all = payload[8] & 1 != 0
        request.soft = payload[8] & 2 != 0
        var position = 9
        guard let urls = list(in: payload, at: &position), let prefixes = list(in: payload, at: &position),
            let tags = list(in: payload, at: &position), position == count
        else { return nil }
        request.urls = urls
        request.prefixes = prefixes
        request.tags = tags
        return (Entry(sequence: PurgeSequence(rawValue: payload.load(0)), request: request), start + count)
    }

    private static func list(in bytes: UnsafeRawBufferPointer, at position: inout Int) -> [[UInt8]]? {
        guard bytes.count - position >= 4 else { return nil }
        let count: UInt32 = bytes.load(position)
        position += 4
        var items: [[UInt8]] = []
        for _ in 0..<count {
            guard bytes.count - position >= 4 else { return nil }
            let length = Int(bytes.load(position) as UInt32)
            position += 4
            guard length <= bytes.count - position else { return nil }
            items.append([UInt8](bytes[position..<position + length]))
            position += length
        }
        return items
    }
}
