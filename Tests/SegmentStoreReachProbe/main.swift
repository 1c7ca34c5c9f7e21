import Bytes
import Glibc
import SegmentStore

// Measures what the store promises at size. Build it in release; it prints one line per figure.
//
//   fill DIR N       make an index of N small objects
//   open DIR N       open that store, and look objects up: uniformly, and as a popularity of 1/rank does
//   steady DIR MIB   fill MIB of cache several times over, sparing at random: time to store one chunk
//   slow DIR         200 readers that take 1 KiB at a time of 2 MiB objects while everything is evicted

func now() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
}

/// One thread waits for what another does.
final class Event: @unchecked Sendable {
    // Sendable: a semaphore is made to be shared.
    private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
    init() { sem_init(semaphore, 0, 0) }
    func set() { sem_post(semaphore) }
    func wait() { while sem_wait(semaphore) != 0 {} }
}

func key(_ number: Int) -> [UInt8] { Array("/media/library/\(number)/v1/segment.m4s".utf8) }

func percentile(_ sorted: [Int], _ hundredths: Int) -> Int {
    sorted[min(sorted.count - 1, sorted.count * hundredths / 100)]
}

func settle(_ store: SegmentStore) {
    let event = Event()
    store.whenWritten { event.set() }
    event.wait()
}

func options(mebibytes: Int, objects: Int) -> SegmentStoreOptions {
    var options = SegmentStoreOptions()
    options.capacityBytes = mebibytes << 20
    options.maxObjects = objects
    options.indexCapacityBytes = 4 << 30
    return options
}

func fill(_ directory: String, _ count: Int) throws {
    let store = try SegmentStore.open(directory: directory, options: options(mebibytes: 4_096, objects: 2 * count))
    var metadata = ObjectMetadata()
    metadata.head = Array(repeating: UInt8(ascii: "h"), count: 220)
    metadata.freshUntil = .max
    for number in 0..<count {
        let writer = store.beginObject(key: key(number), fence: store.currentFence)
        _ = writer.append(Array(repeating: UInt8(truncatingIfNeeded: number), count: 64))
        writer.finish(metadata) { _ in }
        if number % 4_096 == 0 { settle(store) }
    }
    settle(store)
    print("objects \(store.statistics.objects)")
    store.close()
}

func lookupNanoseconds(_ reader: StoreReader, _ numbers: [Int]) -> Int {
    let keys = numbers.map(key)
    var found = 0
    for key in keys.prefix(10_000) where reader.lookup(key: key) != nil { found += 1 }
    let start = now()
    for key in keys where reader.lookup(key: key) != nil { found += 1 }
    let each = (now() - start) / keys.count
    if found == 0 { print("nothing was found") }
    return each
}

func open(_ directory: String, _ count: Int) throws {
    let start = now()
    let store = try SegmentStore.open(directory: directory, options: options(mebibytes: 4_096, objects: 2 * count))
    let reader = try store.makeReader()
    let isFound = reader.lookup(key: key(count / 2)) != nil
    print("ready after \((now() - start) / 1_000) µs, \(store.statistics.objects) objects, first look-up \(isFound)")
    while store.statistics.unloadedObjects > 0 { settle(store) }
    print("loaded after \((now() - start) / 1_000_000) ms")
    var random = SystemRandomNumberGenerator()
    let uniform = (0..<500_000).map { _ in Int.random(in: 0..<count, using: &random) }
    // count^u is distributed as a popularity of 1/rank.
    let popular = uniform.map { _ in min(count - 1, Int(pow(Double(count), Double.random(in: 0..<1, using: &random)))) }
    for round in 0..<5 {
        let (first, second) = (lookupNanoseconds(reader, uniform), lookupNanoseconds(reader, popular))
        print("look-up, round \(round): uniform \(first) ns, by popularity \(second) ns")
    }
    store.close()
}

/// Stores one object and waits for it; returns nanoseconds.
func store(_ number: Int, _ bytes: [UInt8], in store: SegmentStore) -> Int {
    let event = Event()
    let start = now()
    let writer = store.beginObject(key: key(number), fence: store.currentFence, expectedLength: bytes.count)
    _ = writer.append(bytes)
    writer.finish(ObjectMetadata()) { outcome in
        if case .stored = outcome {} else { print("not stored: \(outcome)") }
        event.set()
    }
    event.wait()
    return now() - start
}

func steady(_ directory: String, _ mebibytes: Int) throws {
    let cache = try SegmentStore.open(directory: directory, options: options(mebibytes: mebibytes, objects: 1 << 20))
    let reader = try cache.makeReader()
    // Whole chunks, and now and then a tail, so that what every size class keeps for itself is used as well.
    let sizes = [16_000, 32_000, 65_000, 131_000].map { Array(repeating: UInt8(7), count: $0) }
    let chunk = Array(repeating: UInt8(7), count: StoredObject.chunkBytes)
    let capacity = mebibytes * 4
    var random = SystemRandomNumberGenerator()
    var times: [Int] = []
    var leastFull = Int.max
    for number in 0..<5 * capacity {
        let time = store(number, number % 2 == 0 ? chunk : sizes[number / 2 % 4], in: cache)
        // Whatever is hit is spared, so what goes next is anywhere in the file.
        for _ in 0..<2 {
            _ = reader.lookup(key: key(Int.random(in: max(0, number - capacity)...number, using: &random)))
        }
        if number > 3 * capacity, number % 2 == 0 {
            times.append(time)
            leastFull = min(leastFull, cache.statistics.usedBytes)
        }
    }
    times.sort()
    settle(cache)
    let figures = cache.statistics
    print(
        "put: p50 \(percentile(times, 50) / 1_000) µs, p99 \(percentile(times, 99) / 1_000) µs,"
            + " max \((times.last ?? 0) / 1_000) µs; always full to \(100 * leastFull / (mebibytes << 20)) %,"
            + " files \(100 * figures.fileBytes / (mebibytes << 20)) %, failed \(figures.failedCommits),"
            + " evicted \(figures.evicted)")
    cache.close()
}

func slow(_ directory: String) throws {
    let mebibytes = 1_024
    let cache = try SegmentStore.open(directory: directory, options: options(mebibytes: mebibytes, objects: 1 << 16))
    let body = Array(repeating: UInt8(9), count: 2 << 20)
    let count = mebibytes / 2 + 200
    for number in 0..<count { _ = store(number, body, in: cache) }
    let reader = try cache.makeReader()
    struct Slow {
        var object: StoredObject
        var position = 0
    }
    func hits() -> Int {
        var times: [Int] = []
        for _ in 0..<4_000 {
            let number = count - 1 - times.count % 50
            let start = now()
            if let object = reader.lookup(key: key(number)) {
                _ = reader.withChunk(of: object, index: 0) { chunk in chunk[chunk.count / 2] }
            }
            times.append(now() - start)
        }
        return percentile(times.sorted(), 99)
    }
    let calm = hits()
    let objects = (0..<count).lazy.compactMap { reader.lookup(key: key($0)) }.prefix(200)
    var readers: [Slow] = objects.map { Slow(object: $0) }
    let before = cache.statistics.fileBytes
    var (gone, largest, worst) = (0, before, 0)
    for number in 0..<600 {
        _ = store(count + number, body, in: cache)
        for index in readers.indices {
            let (object, position) = (readers[index].object, readers[index].position)
            let piece = reader.withChunk(of: object, index: position / StoredObject.chunkBytes) { chunk in
                let start = position % StoredObject.chunkBytes
                return min(1_024, chunk.count - start)
            }
            if let piece { readers[index].position = (position + piece) % object.length } else { gone += 1 }
        }
        largest = max(largest, cache.statistics.fileBytes)
        if number % 100 == 99 {
            var recent: [Int] = []
            for _ in 0..<4_000 {
                let start = now()
                if let object = reader.lookup(key: key(count + number - recent.count % 20)) {
                    _ = reader.withChunk(of: object, index: 0) { chunk in chunk[chunk.count / 2] }
                }
                recent.append(now() - start)
            }
            worst = max(worst, percentile(recent.sorted(), 99))
        }
    }
    print(
        "slow readers: files \(before >> 20) MiB before, \(largest >> 20) MiB at most; \(gone) reads of evicted objects;"
            + " hits p99 \(calm) ns before, \(worst) ns at worst meanwhile; failed \(cache.statistics.failedCommits)")
    cache.close()
}

let arguments = CommandLine.arguments
let number = arguments.count > 3 ? Int(arguments[3]) ?? 0 : 0
switch arguments.count > 2 ? arguments[1] : "" {
case "fill": try fill(arguments[2], number)
case "open": try open(arguments[2], number)
case "steady": try steady(arguments[2], number)
case "slow": try slow(arguments[2])
default:
    print("usage: SegmentStoreReachProbe fill|open|steady|slow DIR [N]")
    exit(64)
}
