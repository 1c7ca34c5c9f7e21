internal import Bytes
internal import Glibc

/// The purges that some record may still be older than.
///
/// Immutable once published; readers keep a reference.
struct PurgeTable: Sendable {
    /// Sequences of the newest hard and soft purge of one thing; zero if there was none.
    struct Marks: Sendable, Equatable {
        var hard = PurgeSequence.zero
        var soft = PurgeSequence.zero

        mutating func add(_ sequence: PurgeSequence, soft isSoft: Bool) {
            if isSoft { soft = max(soft, sequence) } else { hard = max(hard, sequence) }
        }

        mutating func merge(_ other: Marks) {
            hard = max(hard, other.hard)
            soft = max(soft, other.soft)
        }
    }

    /// The newest purge in the table; a record whose fence is not below it is covered by none.
    private(set) var newest = PurgeSequence.zero
    private var everything = Marks()
    private var urls: [Hash128: Marks] = [:]
    private var tags: [Hash128: Marks] = [:]
    private var prefixes = PrefixTable()

    /// Hides, or marks stale, what `request` covers and what began before `sequence`.
    mutating func add(_ request: PurgeRequest, at sequence: PurgeSequence, _ hasher: SipHash128) {
        add(CollectionOfOne((request, sequence)), hasher)
    }

    /// The same for many at once, which takes little longer than for one.
    mutating func add(_ purges: some Collection<(PurgeRequest, PurgeSequence)>, _ hasher: SipHash128) {
        var prefixes: [[UInt8]: Marks] = [:]
        for (request, sequence) in purges {
            newest = max(newest, sequence)
            if request.all { everything.add(sequence, soft: request.soft) }
            for url in request.urls { urls[hasher.hash(url), default: Marks()].add(sequence, soft: request.soft) }
            for tag in request.tags { tags[hasher.hash(tag), default: Marks()].add(sequence, soft: request.soft) }
            for prefix in request.prefixes { prefixes[prefix, default: Marks()].add(sequence, soft: request.soft) }
        }
        self.prefixes.add(prefixes)
    }

    /// The newest purges that cover an object with these names, whatever its age.
    func marks(urlHash: Hash128, key: UnsafeRawBufferPointer, tags tagList: UnsafeRawBufferPointer) -> Marks {
        var found = everything
        if !urls.isEmpty, let marks = urls[urlHash] { found.merge(marks) }
        if !tags.isEmpty {
            TagList.forEach(tagList) { hash, _ in
                if let marks = tags[hash] { found.merge(marks) }
                return true
            }
        }
        if let marks = prefixes.marks(for: key) { found.merge(marks) }
        return found
    }

    /// Whether a purge covers an object that began at `fence`.
    ///
    /// One compare if nothing was purged since.
    func verdict(
        fence: PurgeSequence, urlHash: Hash128, key: UnsafeRawBufferPointer, tags: UnsafeRawBufferPointer
    ) -> PurgeVerdict {
        if fence >= newest { return .untouched }
        let marks = marks(urlHash: urlHash, key: key, tags: tags)
        if fence < marks.hard { return .hidden }
        return fence < marks.soft ? .stale : .untouched
    }
}

extension UnsafeRawBufferPointer {
    func starts(withBytes prefix: [UInt8]) -> Bool {
        guard count >= prefix.count else { return false }
        return prefix.withUnsafeBytes { UnsafeRawBufferPointer(rebasing: self[..<prefix.count]).hasSameBytes(as: $0) }
    }

    func hasSameBytes(as other: UnsafeRawBufferPointer) -> Bool {
        guard count == other.count else { return false }
        guard let left = baseAddress, let right = other.baseAddress else { return true }
        return memcmp(left, right, count) == 0
    }
}
