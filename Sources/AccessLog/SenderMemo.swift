internal import Bytes

/// What a line says of its sender, in the pieces in which the line says it. The bytes are the memo's, until it learns something
/// else.
public struct SenderText {
    /// How many pieces a form of line may have.
    static let mostPieces = 6
    typealias Ends = InlineArray<6, UInt32>

    let base: UnsafeRawPointer
    /// Where the pieces end; those that a form does not have are empty.
    let ends: Ends

    /// Bytes of all pieces.
    var count: Int { Int(ends[Self.mostPieces - 1]) }
}

/// Remembers what lines say of their senders, so that it is put together once for a player and then copied: addresses, names and
/// user agents with their keys and escapes are half of a line.
///
/// Each connection has one place, by its number, and as many connections as there are places have different ones; a later one
/// takes the place of the one so many before. Nothing is kept in connections, and nothing a stranger does takes more than the
/// places: 536 KiB, of which pages are written to as they are needed. What is too long for a place is put together each time.
struct SenderMemo: ~Copyable {
    private static let places = 512
    /// Bytes of a place: the texts of the key, and what was made of them.
    private static let textBytes = 384
    private static let madeBytes = 640
    private static let placeBytes = textBytes + madeBytes

    private struct Entry {
        /// No connection has this number.
        var connection = UInt64.max
        var lengths: UInt64 = 0
        var country: UInt16 = 0
        var minorVersion: UInt8 = 0
        var ends = SenderText.Ends(repeating: 0)
    }

    private var entries: UnsafeMutablePointer<Entry>?
    private var texts: UnsafeMutableRawPointer?
    /// What was put together last.
    private var scratch = GrowableBuffer()

    deinit {
        entries?.deallocate()
        texts?.deallocate()
    }

    /// What a line says of the sender, if that is known.
    func text(of key: SenderKey) -> SenderText? {
        guard let entries, let texts, key.textBytes <= Self.textBytes else { return nil }
        let place = Self.place(of: key)
        let entry = entries + place
        guard entry.pointee.connection == key.connection, entry.pointee.lengths == key.lengths,
            entry.pointee.country == key.country, entry.pointee.minorVersion == key.minorVersion
        else { return nil }
        precondition(key.isSound, "a text outside its bytes")
        guard let head = key.head.baseAddress else { return nil }
        let text = UnsafeRawPointer(texts + place &* Self.placeBytes)
        var known = text
        guard Self.match(key.userAgent, head, &known), Self.match(key.referrer, head, &known),
            Self.match(key.host, head, &known), Self.match(key.method, head, &known),
            Self.match(key.forwardedFor, head, &known)
        else { return nil }
        return SenderText(base: text + Self.textBytes, ends: entry.pointee.ends)
    }

    @inline(__always)
    private static func match(_ slice: ByteSlice, _ head: UnsafeRawPointer, _ known: inout UnsafeRawPointer) -> Bool {
        let count = Int(slice.count)
        if count == 0 { return true }
        let start = known
        known += count
        return ByteSearch.equal(head + Int(slice.offset), start, count: count)
    }

    /// Keeps what `write` puts together in at most `most` bytes, if it is not too long.
    mutating func learn(
        _ key: SenderKey, most: Int, _ write: (inout LineCursor, inout SenderText.Ends) -> Void
    ) -> SenderText {
        var ends = SenderText.Ends(repeating: 0)
        scratch.removeAll()
        scratch.withWritable(atLeast: most) { free in
            guard let base = free.baseAddress else { return 0 }
            var line = LineCursor(at: base)
            write(&line, &ends)
            for piece in 1..<SenderText.mostPieces where ends[piece] == 0 { ends[piece] = ends[piece - 1] }
            return line.count
        }
        let made = scratch.readable
        let kept = key.textBytes <= Self.textBytes && made.count <= Self.madeBytes ? keep(made, ends, key) : nil
        let none = UnsafeRawBufferPointer(start: nil, count: 0)
        return SenderText(base: kept ?? made.baseAddress ?? AccessText(none).base, ends: ends)
    }

    private mutating func keep(
        _ made: UnsafeRawBufferPointer, _ ends: SenderText.Ends, _ key: SenderKey
    ) -> UnsafeRawPointer {
        let (entries, texts) = memory()
        let place = Self.place(of: key)
        entries[place] = Entry(
            connection: key.connection, lengths: key.lengths, country: key.country, minorVersion: key.minorVersion,
            ends: ends)
        var text = LineCursor(at: texts + place &* Self.placeBytes)
        text.put(AccessText(key.userAgent, in: key.head))
        text.put(AccessText(key.referrer, in: key.head))
        text.put(AccessText(key.host, in: key.head))
        text.put(AccessText(key.method, in: key.head))
        text.put(AccessText(key.forwardedFor, in: key.head))
        let start = texts + place &* Self.placeBytes + Self.textBytes
        UnsafeMutableRawBufferPointer(start: start, count: made.count).copyMemory(from: made)
        return UnsafeRawPointer(start)
    }

    private mutating func memory() -> (UnsafeMutablePointer<Entry>, UnsafeMutableRawPointer) {
        if let entries, let texts { return (entries, texts) }
        let entries = UnsafeMutablePointer<Entry>.allocate(capacity: Self.places)
        entries.initialize(repeating: Entry(), count: Self.places)
        // Its pages are taken from the system as they are first written.
        let texts = UnsafeMutableRawPointer.allocate(byteCount: Self.places * Self.placeBytes, alignment: 64)
        self.entries = entries
        self.texts = texts
        return (entries, texts)
    }

    private static func place(of key: SenderKey) -> Int {
        Int(truncatingIfNeeded: key.connection) & (places - 1)
    }
}

// Sound because its memory has exactly one owner (it cannot be copied) and is only written by `mutating` functions.
extension SenderMemo: @unchecked Sendable {}
