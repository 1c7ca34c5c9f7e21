import Bytes
import Glibc
import SegmentStore
import Synchronization

// A process for the store's tests to kill. It stores objects whose every byte follows from their name, purges them phase
// by phase, and says each acknowledged purge on standard output; afterwards it can check what a killed one left.
//
//   write DIR N   store, purge and read from phase N on, until killed
//   check DIR N   exit 0 if every byte that can be found is right and nothing of the first N phases can be found
//   hand DIR      store one phase, release the directory at a line on standard input, go on reading until the next
//   take DIR N    open a released directory, replace, purge and evict from phase N on, until killed
//   failing DIR F store, create the file F, store, remove F, and store until that works again
//   limited DIR   store under a file size limit: writes fail, nothing wrong may be found

let sizes = [300_000, 100, 9_000, 262_128, 1_100_000, 50_000, 0, 524_257]
let objectsPerPhase = 16

func name(_ phase: Int, _ number: Int) -> String { "host/\(phase)/\(number)" }
func size(_ phase: Int, _ number: Int) -> Int { sizes[(phase + number) % sizes.count] }

func content(_ name: String, _ count: Int) -> [UInt8] {
    let seed = SipHash128(key: (5, 6)).hash(Array(name.utf8))
    return [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
        let bytes = UnsafeMutableRawBufferPointer(buffer)
        var state = seed.low
        var offset = 0
        while offset + 8 <= count {
            state = state &* 6_364_136_223_846_793_005 &+ seed.high | 1
            bytes.storeBytes(of: state, toByteOffset: offset, as: UInt64.self)
            offset += 8
        }
        while offset < count {
            bytes[offset] = UInt8(truncatingIfNeeded: offset &+ Int(truncatingIfNeeded: seed.low))
            offset += 1
        }
        initialized = count
    }
}

func say(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    _ = bytes.withUnsafeBytes { write(1, $0.baseAddress, $0.count) }
}

func fail(_ line: String) -> Never {
    say(line)
    exit(1)
}

/// Counts down what is still being stored.
final class Pending: @unchecked Sendable {
    // Sendable: a semaphore is made to be shared.
    private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
    init() { sem_init(semaphore, 0, 0) }
    func signal() { sem_post(semaphore) }
    func wait(_ count: Int) {
        for _ in 0..<count { while sem_wait(semaphore) != 0 {} }
    }
}

func options() -> SegmentStoreOptions {
    var options = SegmentStoreOptions()
    options.capacityBytes = 32 << 20
    return options
}

/// Stores one phase, several fills at a time and in pieces; returns when all have ended.
func storePhase(_ phase: Int, in store: SegmentStore, outcome: @escaping @Sendable (StoreOutcome) -> Void) {
    let pending = Pending()
    var open: [(writer: ObjectWriter, rest: ArraySlice<UInt8>)] = (0..<objectsPerPhase).map { number in
        let name = name(phase, number)
        let bytes = content(name, size(phase, number))
        let writer = store.beginObject(key: Array(name.utf8), fence: store.currentFence, expectedLength: bytes.count)
        return (writer, bytes[...])
    }
    while !open.isEmpty {
        for index in open.indices.reversed() {
            let part = open[index].rest.prefix(130_000)
            open[index].rest = open[index].rest.dropFirst(part.count)
            _ = open[index].writer.append(Array(part))
            guard open[index].rest.isEmpty else { continue }
            var metadata = ObjectMetadata()
            metadata.tags = [Array("phase:\(phase)".utf8)]
            open[index].writer.finish(metadata) { result in
                outcome(result)
                pending.signal()
            }
            open.remove(at: index)
        }
    }
    pending.wait(objectsPerPhase)
}

/// Compares everything that can be found; returns how many objects that was.
func verify(_ store: SegmentStore, phases: Range<Int>) throws -> Int {
    let reader = try store.makeReader()
    var served = 0
    for phase in phases {
        for number in 0..<objectsPerPhase {
            let name = name(phase, number)
            guard let object = reader.lookup(key: Array(name.utf8)) else { continue }
            var bytes: [UInt8] = []
            for index in 0..<object.chunkCount {
                guard reader.withChunk(of: object, index: index, { bytes += $0 }) != nil else {
                    fail("\(name) can be found but lacks chunk \(index)")
                }
            }
            guard bytes == content(name, size(phase, number)) else { fail("\(name) has wrong bytes") }
            served += 1
        }
    }
    return served
}

/// Reads beside the writer, on a thread of its own: an object may go at any moment, but never change.
func readForever(_ store: SegmentStore) throws {
    let reader = try store.makeReader()
    var random = SystemRandomNumberGenerator()
    while true {
        let phase = Int.random(in: 0..<400, using: &random)
        for number in 0..<objectsPerPhase {
            let name = name(phase, number)
            guard let object = reader.lookup(key: Array(name.utf8)) else { continue }
            let expected = content(name, size(phase, number))
            for index in 0..<object.chunkCount {
                if case .cold(let chunk) = reader.withResidentChunk(of: object, index: index, { _ in }) { chunk.read() }
                let start = index * StoredObject.chunkBytes
                // Copied out first: a slow closure would pin its snapshot and make the files grow.
                guard let bytes = reader.withChunk(of: object, index: index, { [UInt8]($0) }) else { continue }
                if bytes != Array(expected[start..<min(start + StoredObject.chunkBytes, expected.count)]) {
                    fail("wrong \(name)")
                }
            }
        }
    }
}

func startReader(_ store: SegmentStore) {
    var thread = pthread_t()
    let argument = Unmanaged.passRetained(store)
    pthread_create(
        &thread, nil,
        { argument in
            if let argument { try? readForever(Unmanaged<SegmentStore>.fromOpaque(argument).takeRetainedValue()) }
            return nil
        }, argument.toOpaque())
}

let arguments = CommandLine.arguments
guard arguments.count >= 3 else { fail("usage: SegmentStoreCrashProbe write|check|hand|take|failing|limited DIR [N]") }
let directory = arguments[2]
switch arguments[1] {
case "write":
    let store = try SegmentStore.open(directory: directory, options: options())
    startReader(store)
    var phase = Int(arguments.count > 3 ? arguments[3] : "0") ?? 0
    while true {
        storePhase(phase, in: store) { _ in }
        if phase % 2 == 0 {
            try store.purge(PurgeRequest(tags: [Array("phase:\(phase)".utf8)]))
            say("purged \(phase)")
        } else {
            say("stored \(phase)")
        }
        phase += 1
    }
case "check":
    let acknowledged = Int(arguments.count > 3 ? arguments[3] : "0") ?? 0
    let store = try SegmentStore.open(directory: directory, options: options())
    for phase in stride(from: 0, to: acknowledged + 1, by: 2) where try verify(store, phases: phase..<phase + 1) > 0 {
        fail("phase \(phase) was purged and can be found")
    }
    let served = try verify(store, phases: 0..<acknowledged + 4)
    store.close()
    say("served \(served)")
case "hand":
    let store = try SegmentStore.open(directory: directory, options: options())
    for phase in 0..<3 { storePhase(phase, in: store) { _ in } }
    say("ready")
    _ = readLine()
    store.releaseForSuccessor()
    startReader(store)
    let reader = try store.makeReader()
    say("released \(try verify(store, phases: 0..<3))")
    while let line = readLine() {
        guard let phase = Int(line) else { break }
        let names = (0..<objectsPerPhase).map { name(phase, $0) }
        say("found \(names.count { reader.lookup(key: Array($0.utf8)) != nil })")
    }
    store.close()
case "take":
    let log = Atomic<Bool>(false)
    var taking = options()
    taking.onEvent = { event in
        if case .opened(_, _, let trusted) = event { log.store(trusted, ordering: .relaxed) }
    }
    guard let store = try? SegmentStore.open(directory: directory, options: taking) else { exit(2) }
    say("opened \(log.load(ordering: .relaxed)) \(try verify(store, phases: 0..<3))")
    try store.purge(PurgeRequest(tags: [Array("phase:1".utf8)]))
    say("purged 1")
    var phase = 3
    while true {
        storePhase(phase, in: store) { _ in }
        say("stored \(phase)")
        phase += 1
    }
case "failing":
    let trigger = arguments.count > 3 ? arguments[3] : ""
    let failed = Atomic<Int>(0)
    let stored = Atomic<Int>(0)
    let count: @Sendable (StoreOutcome) -> Void = { outcome in
        switch outcome {
        case .stored: stored.wrappingAdd(1, ordering: .relaxed)
        case .failed: failed.wrappingAdd(1, ordering: .relaxed)
        default: fail("unexpected \(outcome)")
        }
    }
    var reports = options()
    let reopened = Atomic<Int>(0)
    reports.onEvent = { event in
        if case .reopened = event { reopened.wrappingAdd(1, ordering: .relaxed) }
    }
    let store = try SegmentStore.open(directory: directory, options: reports)
    startReader(store)
    for phase in 0..<2 { storePhase(phase, in: store, outcome: count) }
    let good = try verify(store, phases: 0..<2)
    close(creat(trigger, 0o600))
    for phase in 2..<5 { storePhase(phase, in: store, outcome: count) }
    _ = try? store.purge(PurgeRequest(tags: [Array("phase:0".utf8)]))
    _ = try verify(store, phases: 0..<5)
    unlink(trigger)
    let failures = failed.load(ordering: .relaxed)
    var phase = 5
    while true {
        let before = stored.load(ordering: .relaxed)
        storePhase(phase, in: store, outcome: count)
        if stored.load(ordering: .relaxed) - before == objectsPerPhase { break }
        phase += 1
    }
    guard try verify(store, phases: phase..<phase + 1) == objectsPerPhase else { fail("stored and not found") }
    _ = try verify(store, phases: 0..<phase)
    store.close()
    say("good \(good) failed \(failures) reopened \(reopened.load(ordering: .relaxed))")
case "limited":
    signal(SIGXFSZ, SIG_IGN)
    var limit = rlimit(rlim_cur: 6 << 20, rlim_max: 6 << 20)
    setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
    let store = try SegmentStore.open(directory: directory, options: options())
    let failed = Atomic<Int>(0)
    for phase in 0..<4 {
        storePhase(phase, in: store) { outcome in
            if case .failed = outcome { failed.wrappingAdd(1, ordering: .relaxed) }
        }
    }
    let served = try verify(store, phases: 0..<4)
    store.close()
    say("served \(served) failed \(failed.load(ordering: .relaxed))")
default:
    fail("unknown mode \(arguments[1])")
}
