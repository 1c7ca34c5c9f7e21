internal import Glibc

/// Prefixes with the purges of each, sorted, so that what covers a key is found in a few comparisons however many there are.
///
/// A prefix that begins others is their ancestor, and its purges count as theirs, too: for a key only the longest prefix
/// matters. It is the one before the key in the order, or an ancestor of that. All bytes lie in one array: a published copy
/// costs three moves of memory.
struct PrefixTable: Sendable {
    private struct Entry: Sendable {
        /// Where its bytes end in `text`; they begin where those of the one before it end.
        var end: Int
        /// The longest other prefix that begins this one; -1 for none.
        var parent: Int
        /// Of the prefix and of all its ancestors.
        var marks: PurgeTable.Marks
    }

    private var text: [UInt8] = []
    private var entries: [Entry] = []

    /// How many different prefixes there are.
    var count: Int { entries.count }

    /// Linear in the number of prefixes: a purge, not a look-up, pays for the order.
    mutating func add(_ prefix: [UInt8], at sequence: PurgeSequence, soft: Bool) {
        let place = self.place(before: prefix)
        let isKnown = place < entries.count && bytes(of: place) == prefix
        if !isKnown { insert(prefix, at: place) }
        entries[place].marks.add(sequence, soft: soft)
        for index in (place + 1)..<max(place + 1, entries.count) {
            guard begins(index, with: prefix) else { break }
            entries[index].marks.add(sequence, soft: soft)
        }
    }

    /// The newest purges of any prefix that begins `key`; `nil` if none does.
    func marks(for key: UnsafeRawBufferPointer) -> PurgeTable.Marks? {
        if entries.isEmpty { return nil }
        var candidate = place(after: key) - 1
        if candidate < 0 { return nil }
        let common = text.withUnsafeBytes { text in
            key.countOfCommonBytes(with: UnsafeRawBufferPointer(rebasing: text[range(of: candidate)]))
        }
        // Ancestors begin the candidate, so their length tells whether they begin the key.
        while candidate >= 0, range(of: candidate).count > common { candidate = entries[candidate].parent }
        return candidate >= 0 ? entries[candidate].marks : nil
    }

    private mutating func insert(_ prefix: [UInt8], at place: Int) {
        // All that lies between an ancestor and this one in the order begins with the ancestor, so it is found from the
        // neighbour upwards.
        var parent = place - 1
        while parent >= 0, !prefix.withUnsafeBytes({ $0.starts(withBytes: bytes(of: parent)) }) {
            parent = entries[parent].parent
        }
        let start = place > 0 ? entries[place - 1].end : 0
        text.insert(contentsOf: prefix, at: start)
        let marks = parent >= 0 ? entries[parent].marks : PurgeTable.Marks()
        entries.insert(Entry(end: start, parent: parent, marks: marks), at: place)
        for index in place..<entries.count {
            entries[index].end += prefix.count
            if index > place, entries[index].parent >= place { entries[index].parent += 1 }
        }
        for index in (place + 1)..<max(place + 1, entries.count) {
            guard begins(index, with: prefix) else { break }
            if entries[index].parent == parent { entries[index].parent = place }
        }
    }

    private func range(of index: Int) -> Range<Int> {
        (index > 0 ? entries[index - 1].end : 0)..<entries[index].end
    }

    private func bytes(of index: Int) -> [UInt8] { Array(text[range(of: index)]) }

    private func begins(_ index: Int, with prefix: [UInt8]) -> Bool {
        text.withUnsafeBytes { UnsafeRawBufferPointer(rebasing: $0[range(of: index)]).starts(withBytes: prefix) }
    }

    /// The number of entries that are less than `prefix`.
    private func place(before prefix: [UInt8]) -> Int {
        prefix.withUnsafeBytes { prefix in place { $0.precedes(prefix) } }
    }

    /// The number of entries that are not greater than `key`.
    private func place(after key: UnsafeRawBufferPointer) -> Int {
        place { !key.precedes($0) }
    }

    private func place(_ isBelow: (UnsafeRawBufferPointer) -> Bool) -> Int {
        text.withUnsafeBytes { text in
            var (low, high) = (0, entries.count)
            while low < high {
                let middle = (low + high) / 2
                if isBelow(UnsafeRawBufferPointer(rebasing: text[range(of: middle)])) {
                    low = middle + 1
                } else {
                    high = middle
                }
            }
            return low
        }
    }
}

extension UnsafeRawBufferPointer {
    /// In the order of bytes, a beginning before what it begins.
    fileprivate func precedes(_ other: UnsafeRawBufferPointer) -> Bool {
        guard let left = baseAddress, let right = other.baseAddress else { return count < other.count }
        let order = memcmp(left, right, Swift.min(count, other.count))
        return order == 0 ? count < other.count : order < 0
    }

    fileprivate func countOfCommonBytes(with other: UnsafeRawBufferPointer) -> Int {
        let most = Swift.min(count, other.count)
        var index = 0
        while index < most, self[index] == other[index] { index += 1 }
        return index
    }
}
