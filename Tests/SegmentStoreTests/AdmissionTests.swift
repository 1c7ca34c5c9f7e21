import Bytes
import Testing

@testable import SegmentStore

/// Random numbers that are the same in every run.
private struct Steady: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}

/// A cache of objects of one size, as the writer keeps it, without the disk.
private struct Model {
    private let hasher = SipHash128(key: (7, 8))
    private let sketch: RequestSketch
    private var order: EvictionOrder
    private var slots: [Int: UInt32] = [:]
    private var keys: [Int]
    private var visited: [Bool]
    private(set) var stored: Int

    init(capacity: Int, probationShare: Int) {
        sketch = RequestSketch(objects: capacity)
        order = EvictionOrder(probationShare: probationShare)
        keys = Array(repeating: -1, count: capacity)
        visited = Array(repeating: false, count: capacity)
        stored = 0
    }

    /// Asks for `key`; returns whether it was there, and stores it if not.
    mutating func request(_ key: Int) -> Bool {
        if let slot = slots[key] {
            visited[Int(slot)] = true
            return true
        }
        let hash = withUnsafeBytes(of: key) { hasher.hash($0) }
        sketch.note(hash)
        let slot: UInt32
        if order.count < keys.count {
            slot = UInt32(order.count)
        } else {
            var visited = visited
            guard
                let victim = order.evict(clearVisited: { slot in
                    defer { visited[Int(slot)] = false }
                    return visited[Int(slot)]
                })
            else { return false }
            self.visited = visited
            slots[keys[Int(victim)]] = nil
            slot = victim
        }
        keys[Int(slot)] = key
        slots[key] = slot
        visited[Int(slot)] = false
        order.insert(slot, weight: 1, in: sketch.estimate(hash) > 1 ? .main : .probation)
        sketch.age(objects: order.count)
        stored += 1
        return false
    }
}

@Suite struct AdmissionTests {
    /// Ranks by popularity: rank r is asked for as often as 1/(r+1)^exponent.
    private static func zipf(_ count: Int, exponent: Double, requests: Int, seed: UInt64) -> [Int] {
        var sums: [Double] = []
        var total = 0.0
        for rank in 1...count {
            // x^-e without a logarithm of our own: halves of the exponent by square roots.
            var weight = 1.0
            var part = Double(rank)
            var rest = exponent
            for _ in 0..<20 where rest > 0 {
                part = part.squareRoot()
                rest *= 2
                if rest >= 1 {
                    weight *= part
                    rest -= 1
                }
            }
            total += 1 / weight
            sums.append(total)
        }
        var random = Steady(state: seed)
        return (0..<requests).map { _ in
            let point = Double.random(in: 0..<total, using: &random)
            var low = 0
            var high = count - 1
            while low < high {
                let middle = (low + high) / 2
                if sums[middle] < point { low = middle + 1 } else { high = middle }
            }
            return low
        }
    }

    /// Hits of the popular part, in hundredths: of the second half, and of the thousand requests after each scan.
    ///
    /// A scan is `scan` requests for things nobody asks for again, after every five thousand others.
    private func hits(_ trace: [Int], probationShare: Int, scan: Int) -> (all: Double, afterScan: Double) {
        var model = Model(capacity: 1_000, probationShare: probationShare)
        var (hits, asked, hitsAfter, askedAfter) = (0, 0, 0, 0)
        var stranger = 1 << 40
        for (index, key) in trace.enumerated() {
            let isHit = model.request(key)
            if index >= trace.count / 2 {
                asked += 1
                hits += isHit ? 1 : 0
                if index % 5_000 < 1_000 {
                    askedAfter += 1
                    hitsAfter += isHit ? 1 : 0
                }
            }
            guard index % 5_000 == 4_999 else { continue }
            for _ in 0..<scan {
                _ = model.request(stranger)
                stranger += 1
            }
        }
        return (100 * Double(hits) / Double(asked), 100 * Double(hitsAfter) / Double(askedAfter))
    }

    @Test func `a scan passes through probation and leaves the popular objects alone`() {
        let trace = Self.zipf(20_000, exponent: 0.9, requests: 60_000, seed: 1)
        let sieve = hits(trace, probationShare: 0, scan: 10_000)
        let admission = hits(trace, probationShare: 10, scan: 10_000)
        let undisturbed = hits(trace, probationShare: 10, scan: 0)
        let figures = "SIEVE \(sieve), with probation \(admission), without scans \(undisturbed)"
        #expect(admission.all > sieve.all + 0.3, "\(figures)")
        #expect(admission.afterScan > undisturbed.afterScan - 3, "\(figures)")
        print(figures)
    }

    @Test(arguments: [0.7, 0.9, 1.1])
    func `without a scan probation is no worse than SIEVE alone`(_ exponent: Double) {
        let trace = Self.zipf(20_000, exponent: exponent, requests: 60_000, seed: 2)
        let sieve = hits(trace, probationShare: 0, scan: 0).all
        let admission = hits(trace, probationShare: 10, scan: 0).all
        #expect(admission > sieve, "SIEVE \(sieve) %, with probation \(admission) %")
    }

    @Test func `the second viewer of a video that nobody else watches finds it`() {
        var model = Model(capacity: 1_000, probationShare: 10)
        var random = Steady(state: 3)
        for _ in 0..<20_000 { _ = model.request(Int.random(in: 0..<500, using: &random)) }
        // Sixty segments one after the other, and somebody twenty segments behind.
        var found = 0
        for segment in 0..<80 {
            let isFirst = segment < 60 && !model.request(1 << 30 + segment)
            #expect(isFirst == (segment < 60))
            if segment >= 20, model.request(1 << 30 + segment - 20) { found += 1 }
        }
        #expect(found == 60)
    }

    @Test func `what was asked for again while it was away skips probation`() {
        var order = EvictionOrder(probationShare: 10)
        for slot in 0..<UInt32(10) { order.insert(slot, weight: 1, in: slot == 0 ? .main : .probation) }
        #expect(order.place(of: 0) == .main && order.place(of: 1) == .probation)
        // Nine tenths are on probation: its oldest goes, the visited one moves up.
        let first = order.evict(clearVisited: { $0 == 1 })
        #expect(first == 2)
        #expect(order.place(of: 1) == .main)
        var rest: [UInt32] = []
        while let slot = order.evict(clearVisited: { _ in false }) { rest.append(slot) }
        #expect(rest == [3, 4, 5, 6, 7, 8, 9, 0, 1])
        #expect(order.count == 0)
    }

    @Test func `the sketch counts what was noted, forgets with time and rarely errs`() {
        let hasher = SipHash128(key: (1, 2))
        let sketch = RequestSketch(objects: 4_096)
        func hash(_ name: Int) -> Hash128 { withUnsafeBytes(of: name) { hasher.hash($0) } }
        for name in 0..<2_000 { sketch.note(hash(name)) }
        for name in 0..<500 { sketch.note(hash(name)) }
        #expect((0..<500).allSatisfy { sketch.estimate(hash($0)) >= 2 })
        #expect((500..<2_000).allSatisfy { sketch.estimate(hash($0)) >= 1 })
        let wrong = (500..<2_000).count { sketch.estimate(hash($0)) > 1 }
        #expect(wrong < 75, "\(wrong) of 1,500 taken for twice asked")
        for _ in 0..<40 { sketch.note(hash(1)) }
        #expect(sketch.estimate(hash(1)) == 15)
        sketch.age(objects: 4_096)
        #expect(sketch.estimate(hash(1)) == 15, "not yet")
        sketch.age(objects: 500)
        #expect(sketch.estimate(hash(1)) == 7)
        #expect(sketch.estimate(hash(1_999)) == 0)
    }

    @Test func `a scan through a full store leaves what is asked for`() async throws {
        let directory = TemporaryStoreDirectory()
        var options = SegmentStoreOptions()
        options.capacityBytes = 8 << 20
        let store = try SegmentStore.open(directory: directory.path, options: options)
        defer { store.close() }
        let reader = try store.makeReader()
        // Asked for twice, but not while the scan goes on.
        for round in 0..<2 {
            for name in 0..<8 where reader.lookup(key: key("popular\(name)")) == nil || round == 0 {
                _ = await stored(store, "popular\(name)", body("popular\(name)", 500_000))
            }
            for name in 0..<8 { #expect(reader.lookup(key: key("popular\(name)")) != nil) }
        }
        for name in 0..<100 { _ = await stored(store, "scan\(name)", body("scan\(name)", 500_000)) }
        let kept = (0..<8).count { reader.body("popular\($0)") == body("popular\($0)", 500_000) }
        #expect(kept >= 6, "\(kept) of 8 survived a scan of six times the capacity")
        #expect(store.statistics.onProbation >= 100)
        // The scan's last ones are there for a second viewer.
        #expect(reader.body("scan99") == body("scan99", 500_000))
    }

    @Test func `a request that joins a fill is a request`() async throws {
        let directory = TemporaryStoreDirectory()
        let store = try SegmentStore.open(directory: directory.path)
        defer { store.close() }
        _ = await stored(store, "alone", [1])
        await store.settle()
        #expect(store.statistics.onProbation == 1)
        let writer = store.beginObject(key: key("joined"), fence: store.currentFence)
        store.noteRequest(key: key("joined"))
        await withCheckedContinuation { continuation in
            writer.finish(ObjectMetadata()) { _ in continuation.resume() }
        }
        await store.settle()
        #expect(store.statistics.onProbation == 1)
    }
}
