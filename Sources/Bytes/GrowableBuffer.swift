/// A queue of bytes with one owner: data is appended at the end and consumed from the front.
///
/// Connections keep one for reading and one for writing; once it has grown to the size of the traffic, it allocates no
/// more.
///
/// Pointers obtained from `readable` are valid until the next mutation.
public struct GrowableBuffer: ~Copyable {
    /// Where the memory begins, if there is any.
    @usableFromInline var base: UnsafeMutableRawPointer?
    /// Bytes of memory. `head <= tail <= limit` at all times, so sums of them cannot overflow.
    @usableFromInline var limit: Int
    @usableFromInline var head = 0
    @usableFromInline var tail = 0

    /// Makes an empty buffer; with `capacity` 0 nothing is allocated until the first append.
    public init(capacity: Int = 0) {
        base = capacity == 0 ? nil : .allocate(byteCount: capacity, alignment: 16)
        limit = capacity
    }

    deinit {
        base?.deallocate()
    }

    /// Number of readable bytes.
    public var count: Int { tail &- head }

    /// Whether nothing is readable.
    public var isEmpty: Bool { tail == head }

    /// Bytes of memory held, used or not.
    public var capacity: Int { limit }

    /// The bytes appended and not yet consumed.
    public var readable: UnsafeRawBufferPointer {
        guard let base else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        return UnsafeRawBufferPointer(start: base + head, count: count)
    }

    /// A copy of the readable bytes.
    public var bytes: [UInt8] { [UInt8](readable) }

    /// Drops `byteCount` bytes from the front.
    ///
    /// Traps if there are not that many.
    public mutating func consume(_ byteCount: Int) {
        precondition(byteCount >= 0 && byteCount <= count, "consuming more than is readable")
        head += byteCount
        if head == tail {
            head = 0
            tail = 0
        }
    }

    /// Drops the bytes after the first `byteCount`: undoes appends.
    ///
    /// Traps if there are not that many.
    public mutating func truncate(to byteCount: Int) {
        precondition(byteCount >= 0 && byteCount <= count, "truncating to more than is readable")
        tail = head + byteCount
    }

    /// Forgets every byte; without `keepingCapacity` the memory goes back as well.
    public mutating func removeAll(keepingCapacity: Bool = true) {
        head = 0
        tail = 0
        if !keepingCapacity {
            base?.deallocate()
            base = nil
            limit = 0
        }
    }

    /// Makes room for `byteCount` more bytes, by moving what is readable to the front if that suffices, else by at
    /// least doubling (256 bytes at first), so that appending costs amortised constant time.
    ///
    /// Inlined as one comparison: a head or a log line is dozens of small appends.
    @inlinable
    @inline(__always)
    public mutating func reserve(_ byteCount: Int) {
        if limit &- tail < byteCount { makeRoom(byteCount) }
    }

    @usableFromInline
    @inline(never)
    mutating func makeRoom(_ byteCount: Int) {
        let used = count
        if let base, head > 0, limit - used >= byteCount, head >= used {
            base.copyMemory(from: base + head, byteCount: used)
        } else {
            let larger = max(used + byteCount, limit * 2, 256)
            let memory = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 16)
            if let base {
                memory.copyMemory(from: base + head, byteCount: used)
                base.deallocate()
            }
            base = memory
            limit = larger
        }
        head = 0
        tail = used
    }

    /// Lends at least `byteCount` writable bytes to `body`, which returns how many of them it filled; they become
    /// readable.
    ///
    /// This is how a `read(2)` lands without a copy.
    @inlinable
    @discardableResult
    public mutating func withWritable<Failure>(
        atLeast byteCount: Int,
        _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Int
    ) throws(Failure) -> Int {
        reserve(byteCount)
        let free = UnsafeMutableRawBufferPointer(start: base.map { $0 + tail }, count: limit - tail)
        let written = try body(free)
        precondition(written >= 0 && written <= free.count, "more bytes written than were lent")
        tail += written
        return written
    }
}

// Sound because the memory has exactly one owner (the struct cannot be copied) and every write goes through `mutating`.
extension GrowableBuffer: @unchecked Sendable {}
