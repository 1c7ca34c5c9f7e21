internal import Glibc

/// Prefixes with the purges of each, sorted, so that what covers a key is found in a few comparisons however many there are.
///
/// A prefix that begins others is their ancestor, and its purges count as theirs, too: for a key only the longest prefix
/// matters. It is the one before the key in the order, or an ancestor of that. All bytes lie in one array: a copy is two
/// moves of memory.
struct PrefixTable: Sendable {
    private struct Entry: Sendable {
        /// Where its bytes end in `text`; they begin where those of the one before it end.
        var end: Int
        /// The longest other prefix that begins this one; -1 for none.
        var parent: Int
        /// Of the prefix itself.
        var own: PurgeTable.Marks
        /// Of the prefix and of all its ancestors.
        var all: PurgeTable.Marks
    }

    private var text: [UInt8] = []
    private var entries: [Entry] = []

    /// How many different prefixes there are.
    var count: Int { entries.count }

    /// Linear in the number of prefixes, however many come: purges, not look-ups, pay for the order.
    mutating func add(_ additions: [[UInt8]: PurgeTable.Marks]) {
        if additions.isEmpty { return }
        var merged = PrefixTable()
        merged.text.reserveCapacity(text.count + additions.keys.reduce(0) { $0 + $1.count })
        merged.entries.reserveCapacity(entries.count + additions.count)
        var old = 0
        for (prefix, marks) in additions.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            prefix.withUnsafeBytes { prefix in
                while old < entries.count, bytes(of: old, { $0.precedes(prefix) }) {
                    bytes(of: old) { merged.append($0, entries[old].own) }
                    old += 1
                }
                var marks = marks
                if old < entries.count, bytes(of: old, { $0.hasSameBytes(as: prefix) }) {
                    marks.merge(entries[old].own)
                    old += 1
                }
                merged.append(prefix, marks)
            }
        }
        for index in old..<entries.count { bytes(of: index) { merged.append($0, entries[index].own) } }
        self = merged
    }

    /// The newest purges of any prefix that begins `key`; `nil` if none does.
    func marks(for key: UnsafeRawBufferPointer) -> PurgeTable.Marks? {
        var candidate = countOfEntries(notAfter: key) - 1
        if candidate < 0 { return nil }
        let common = bytes(of: candidate) { key.countOfCommonBytes(with: $0) }
        // Ancestors begin the candidate, so their length tells whether they begin the key.
        while candidate >= 0, range(of: candidate).count > common { candidate = entries[candidate].parent }
        return candidate >= 0 ? entries[candidate].all : nil
    }

    /// Appends what is greater than all that is there.
    ///
    /// Whatever lies between an ancestor and this one in the order begins with the ancestor, too, so it is found from the
    /// last one upwards.
    private mutating func append(_ prefix: UnsafeRawBufferPointer, _ own: PurgeTable.Marks) {
        var parent = entries.count - 1
        while parent >= 0, !bytes(of: parent, { $0.begins(prefix) }) { parent = entries[parent].parent }
        var all = own
        if parent >= 0 { all.merge(entries[parent].all) }
        text.append(contentsOf: prefix)
        entries.append(Entry(end: text.count, parent: parent, own: own, all: all))
    }

    private func range(of index: Int) -> Range<Int> {
        (index > 0 ? entries[index - 1].end : 0)..<entries[index].end
    }

    private func bytes<R>(of index: Int, _ body: (UnsafeRawBufferPointer) -> R) -> R {
        text.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[range(of: index)])) }
    }

    private func countOfEntries(notAfter key: UnsafeRawBufferPointer) -> Int {
        text.withUnsafeBytes { text in
            var (low, high) = (0, entries.count)
            while low < high {
                let middle = (low + high) / 2
                if key.precedes(UnsafeRawBufferPointer(rebasing: text[range(of: middle)])) {
                    high = middle
                } else {
                    low = middle + 1
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

    fileprivate func begins(_ other: UnsafeRawBufferPointer) -> Bool {
        count <= other.count && hasSameBytes(as: UnsafeRawBufferPointer(rebasing: other[..<count]))
    }

    fileprivate func countOfCommonBytes(with other: UnsafeRawBufferPointer) -> Int {
        let most = Swift.min(count, other.count)
        var index = 0
        while index < most, self[index] == other[index] { index += 1 }
        return index
    }
}
