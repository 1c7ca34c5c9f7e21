/// Names one scheduled timer, so that it can be cancelled or moved.
///
/// A token of a timer that has fired or was cancelled is harmless: it matches nothing any more.
public struct TimerToken: Sendable, Hashable {
    var slot: UInt32
    var generation: UInt32
}

/// Deadlines in a binary heap whose entries can be found again by token.
///
/// A pure value: it never reads a clock, so it is tested without one. Slots are reused, so a loop that keeps a steady number
/// of timers allocates nothing. Insert, cancel, move and remove cost O(log n).
public struct TimerHeap<Payload> {
    private struct Entry {
        var deadline: UInt64
        var sequence: UInt64
        var slot: UInt32

        func precedes(_ other: Entry) -> Bool {
            deadline != other.deadline ? deadline < other.deadline : sequence < other.sequence
        }
    }

    private struct Slot {
        var generation: UInt32
        var position: Int
        var payload: Payload?
    }

    private var heap: [Entry] = []
    private var slots: [Slot] = []
    private var freeSlots: [UInt32] = []
    private var nextSequence: UInt64 = 0

    /// Creates an empty heap.
    public init() {}

    /// How many timers wait.
    public var count: Int { heap.count }

    /// The earliest deadline, in the caller's nanoseconds.
    public var earliestDeadline: UInt64? { heap.first?.deadline }

    /// A mark for `popDue(at:before:)`: timers inserted later do not belong to the same round.
    public var roundMark: UInt64 { nextSequence }

    /// Adds a timer.
    ///
    /// Equal deadlines fire in the order of insertion.
    public mutating func insert(deadline: UInt64, _ payload: Payload) -> TimerToken {
        let slot: UInt32
        if let free = freeSlots.popLast() {
            slot = free
            slots[Int(free)].payload = payload
        } else {
            slot = UInt32(slots.count)
            slots.append(Slot(generation: 0, position: 0, payload: payload))
        }
        heap.append(Entry(deadline: deadline, sequence: nextSequence, slot: slot))
        nextSequence += 1
        slots[Int(slot)].position = heap.count - 1
        siftUp(heap.count - 1)
        return TimerToken(slot: slot, generation: slots[Int(slot)].generation)
    }

    /// Removes a timer and returns what it carried, or nil if it has fired or was cancelled before.
    @discardableResult
    public mutating func cancel(_ token: TimerToken) -> Payload? {
        guard let position = position(of: token) else { return nil }
        return remove(at: position)
    }

    /// Gives a waiting timer another deadline; false if it has fired or was cancelled.
    public mutating func move(_ token: TimerToken, to deadline: UInt64) -> Bool {
        guard let position = position(of: token) else { return false }
        heap[position].deadline = deadline
        heap[position].sequence = nextSequence
        nextSequence += 1
        restore(position)
        return true
    }

    /// Removes and returns the earliest timer whose deadline has come, if it was inserted before `mark`.
    ///
    /// The mark keeps a timer that schedules itself again without delay from holding the loop for ever.
    public mutating func popDue(at now: UInt64, before mark: UInt64) -> Payload? {
        guard let first = heap.first, first.deadline <= now, first.sequence < mark else { return nil }
        return remove(at: 0)
    }

    /// Removes every timer and returns what they carried, in no order.
    public mutating func removeAll() -> [Payload] {
        var payloads: [Payload] = []
        while !heap.isEmpty {
            if let payload = remove(at: heap.count - 1) { payloads.append(payload) }
        }
        return payloads
    }

    private func position(of token: TimerToken) -> Int? {
        guard Int(token.slot) < slots.count else { return nil }
        let slot = slots[Int(token.slot)]
        return slot.generation == token.generation && slot.payload != nil ? slot.position : nil
    }

    private mutating func remove(at position: Int) -> Payload? {
        let slot = Int(heap[position].slot)
        heap.swapAt(position, heap.count - 1)
        heap.removeLast()
        if position < heap.count {
            slots[Int(heap[position].slot)].position = position
            restore(position)
        }
        let payload = slots[slot].payload.take()
        slots[slot].generation &+= 1
        freeSlots.append(UInt32(slot))
        return payload
    }

    private mutating func restore(_ position: Int) {
        if position > 0, heap[position].precedes(heap[(position - 1) / 2]) {
            siftUp(position)
        } else {
            siftDown(position)
        }
    }

    private mutating func siftUp(_ start: Int) {
        var child = start
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].precedes(heap[parent]) else { return }
            swap(child, parent)
            child = parent
        }
    }

    private mutating func siftDown(_ start: Int) {
        var parent = start
        while true {
            var child = 2 * parent + 1
            guard child < heap.count else { return }
            if child + 1 < heap.count, heap[child + 1].precedes(heap[child]) { child += 1 }
            guard heap[child].precedes(heap[parent]) else { return }
            swap(child, parent)
            parent = child
        }
    }

    private mutating func swap(_ left: Int, _ right: Int) {
        heap.swapAt(left, right)
        slots[Int(heap[left].slot)].position = left
        slots[Int(heap[right].slot)].position = right
    }
}
