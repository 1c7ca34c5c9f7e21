internal import Bytes
internal import Glibc

/// Everything that happens between the lock and the first look-up.
///
/// Whatever is trusted is not read: that the index holds a million records costs nothing here.
struct StoreOpening {
    let directory: StoreDirectory
    let options: SegmentStoreOptions
    let layout: StoreLayout
    let purges: PurgeLedger
    let isTrusted: Bool
    let bootIdentity: String
    let shards: [ShardOpening]

    init(path: String, options: SegmentStoreOptions) throws(StoreError) {
        self.options = options
        directory = try StoreDirectory(path: path)
        bootIdentity = options.bootIdentity ?? StoreState.currentBoot()
        let previous = try directory.readFile(StoreState.fileName).flatMap { StoreState($0) }
        let isTrusted = StoreState.isTrusted(previous, currentBoot: bootIdentity)
        let wasClean = isTrusted && previous.map { $0.end != .running } ?? false
        self.isTrusted = isTrusted
        // From here until close, only the page cache of this boot vouches for the files.
        try directory.replaceFile(
            StoreState.fileName, with: StoreState(bootIdentity: bootIdentity, end: .running).bytes)
        let layout = try StoreOpening.layout(directory, options)
        self.layout = layout
        let directory = directory
        let count = layout.shards
        let share = options.share(of: count)
        let folders = (0..<count).map { directory.file(StoreDirectory.shardName($0)) }
        shards = try StoreOpening.inParallel(count) { (number) throws(StoreError) in
            try StoreDirectory.makeDirectories(folders[number])
            return try ShardOpening(
                number: number, of: count, folder: folders[number], options: share, isTrusted: isTrusted,
                wasClean: wasClean)
        }
        purges = try PurgeLedger(
            directory: directory, hasher: layout.hasher, shards: count,
            newestFence: PurgeSequence(rawValue: shards.map(\.settings.fence).max() ?? 0),
            isFresh: shards.allSatisfy { $0.objectCount == 0 }, counts: shards.map(\.purgeCounts))
    }

    /// What the directory was made for, or, where that cannot be read, a new layout in an empty directory.
    private static func layout(
        _ directory: StoreDirectory, _ options: SegmentStoreOptions
    ) throws(StoreError) -> StoreLayout {
        if let bytes = try directory.readFile(StoreLayout.fileName) {
            do throws(StoreLayout.Unreadable) {
                let layout = try StoreLayout(bytes)
                if let asked = options.shards, asked != layout.shards {
                    options.onEvent(.shardsKept(layout.shards, asked: asked))
                }
                return layout
            } catch {
                if case .version(let version) = error {
                    throw StoreError(
                        .format,
                        "\(directory.path) has layout \(version), this version writes \(StoreLayout.version);"
                            + " empty the cache directory")
                }
            }
        }
        if directory.removeShards() {
            options.onEvent(
                .wiped(environment: directory.path, reason: "its layout file is missing or cannot be read"))
        }
        let layout = StoreLayout(shards: options.shardCount, seed: randomBytes(16))
        try directory.replaceFile(StoreLayout.fileName, with: layout.bytes)
        return layout
    }

    /// Runs `body` for every shard, each on a thread of its own if there are several.
    private static func inParallel(
        _ count: Int, _ body: @escaping @Sendable (Int) throws(StoreError) -> ShardOpening
    ) throws(StoreError) -> [ShardOpening] {
        if count == 1 { return [try body(0)] }
        let results = OpeningResults(count)
        for number in 0..<count {
            try startThread {
                do throws(StoreError) {
                    results.set(.success(try body(number)), at: number)
                } catch {
                    results.set(.failure(error), at: number)
                }
            }
        }
        var shards: [ShardOpening] = []
        for result in results.take() { shards.append(try result.get()) }
        return shards
    }
}

/// Collects what the opening threads made.
private final class OpeningResults: @unchecked Sendable {
    // Sendable: every thread writes one element of its own before it signals, and they are read after all signals.
    private let results: UnsafeMutablePointer<Result<ShardOpening, StoreError>?>
    private let count: Int
    private let done = Signal()

    init(_ count: Int) {
        self.count = count
        results = .allocate(capacity: count)
        results.initialize(repeating: nil, count: count)
    }

    deinit {
        results.deinitialize(count: count)
        results.deallocate()
    }

    func set(_ result: Result<ShardOpening, StoreError>, at number: Int) {
        results[number] = result
        done.set()
    }

    func take() -> [Result<ShardOpening, StoreError>] {
        for _ in 0..<count { done.consume() }
        return (0..<count).compactMap { results[$0] }
    }
}

func randomBytes(_ count: Int) -> [UInt8] {
    var generator = SystemRandomNumberGenerator()
    return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
}
