internal import Bytes

/// Remembers what JSON lines say of outcomes: which behavior answered, what the cache did and how it ended. A busy edge has a few
/// dozens of these.
///
/// Each has one place; the last of a place is remembered. 36 KiB.
struct OutcomeMemo: ~Copyable {
    private static let places = 128
    private static let placeBytes = 256

    private struct Entry: Equatable {
        /// Records without a number are not remembered.
        var scope: UInt32 = 0
        var types: UInt32 = 0
        /// A literal's, which stay where they are.
        var cache: UnsafePointer<UInt8>?
    }

    private let entries: UnsafeMutablePointer<Entry>
    private let counts: UnsafeMutablePointer<Int>
    private let texts: UnsafeMutableRawPointer

    init() {
        entries = .allocate(capacity: Self.places)
        entries.initialize(repeating: Entry(), count: Self.places)
        counts = .allocate(capacity: Self.places)
        counts.initialize(repeating: 0, count: Self.places)
        texts = .allocate(byteCount: Self.places * Self.placeBytes, alignment: 64)
    }

    deinit {
        entries.deallocate()
        counts.deallocate()
        texts.deallocate()
    }

    /// Puts what `write` puts, or what it put the last time.
    @inline(__always)
    mutating func put(
        _ record: AccessRecord, to line: inout LineCursor, _ write: (inout LineCursor) -> Void
    ) {
        let types =
            UInt32(record.responseType.rawValue) | UInt32(record.cause.rawValue) << 8
            | (record.isComplete ? 1 << 16 : 0) | (record.status == 0 ? 1 << 17 : 0)
        let entry = Entry(scope: record.scope, types: types, cache: record.cache.utf8Start)
        let place =
            Int(truncatingIfNeeded: record.scope &* 8 &+ UInt32(record.responseType.rawValue)) & (Self.places - 1)
        if entries[place] == entry, record.scope != 0 {
            return line.put(block: texts + place &* Self.placeBytes, count: counts[place])
        }
        let start = line.end
        write(&line)
        let count = line.end - start
        guard count <= Self.placeBytes else { return }
        entries[place] = entry
        counts[place] = count
        (texts + place &* Self.placeBytes).copyMemory(from: start, byteCount: count)
    }
}

// Sound because its memory has exactly one owner (it cannot be copied) and is only written by `mutating` functions.
extension OutcomeMemo: @unchecked Sendable {}
