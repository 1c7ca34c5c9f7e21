import Synchronization
import TestKit
import Testing

@testable import SegmentStore

/// Memory that was freed may have held a key or a cookie; it must not reach the disk in the unused parts of pages.
@Suite struct SlackTests {
    private static let secret: [UInt8] = Array("a key that was freed and forgot!".utf8)

    /// Leaves the secret all over what the calling thread is given next, until it is gone itself.
    private final class Litter: Sendable {
        private struct Blocks: @unchecked Sendable {
            // Sendable because nobody reads or writes them.
            var kept: [UnsafeMutableRawBufferPointer] = []
        }

        private let blocks = Mutex(Blocks())

        func spread() {
            var (freed, kept): ([UnsafeMutableRawBufferPointer], [UnsafeMutableRawBufferPointer]) = ([], [])
            for index in 0..<400 {
                let block = UnsafeMutableRawBufferPointer.allocate(byteCount: 4_096 << (index % 4), alignment: 16)
                for offset in stride(from: 0, to: block.count, by: secret.count) {
                    UnsafeMutableRawBufferPointer(rebasing: block[offset...]).copyBytes(from: secret)
                }
                freed.append(block)
                // Keeps the blocks from being joined and given back to the kernel, which would clear them.
                kept.append(.allocate(byteCount: 2_048, alignment: 16))
            }
            for block in freed { block.deallocate() }
            blocks.withLock { [kept] in $0.kept = kept }
        }

        deinit {
            for block in blocks.withLock({ $0.kept }) { block.deallocate() }
        }
    }

    @Test func `nothing but what was stored lies on the disk`() async throws {
        let directory = TemporaryStoreDirectory()
        let litter = Litter()
        var options = SegmentStoreOptions()
        options.capacityBytes = 64 << 20
        options.beforeWriting = { litter.spread() }
        let store = try SegmentStore.open(directory: directory.path, options: options)
        for (index, count) in [0, 10, 700, 3_000, 5_000, 70_000, 300_001].enumerated() {
            let outcome = await stored(store, "object \(index)", body("\(index)", count))
            guard case .stored = outcome else {
                Issue.record("not stored: \(outcome)")
                return
            }
        }
        try store.purge(PurgeRequest(urls: [key("object 1")]))
        await store.settle()
        store.close()
        let files = TemporaryDirectory.contents(below: directory.path)
        #expect(files.values.contains { $0.firstRange(of: body("5", 70_000).prefix(2_000)) != nil })
        for (name, bytes) in files { #expect(bytes.firstRange(of: Self.secret) == nil, "\(name)") }
    }
}
