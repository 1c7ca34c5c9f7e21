import Testing

@testable import Edge

@Suite struct PlaybackQueueTests {
    private func served(_ hits: Int) -> PlaybackFigures {
        var figures = PlaybackFigures()
        figures.hits = hits
        return figures
    }

    private func key(_ id: String, _ minute: Int64) -> PlaybackQueue.Key { .init(videoId: id, minute: minute) }

    @Test func `a batch is the same until the origin has it`() {
        var queue = PlaybackQueue()
        #expect(queue.next() == nil)
        #expect(queue.add(["v": served(1)], at: 119) == 0)
        #expect(queue.add(["v": served(2)], at: 120) == 0)
        #expect(queue.add(["v": served(4)], at: 60) == 0)
        let first = PlaybackQueue.Batch(number: 1, rows: [key("v", 60): served(5), key("v", 120): served(2)])
        #expect(queue.next() == first)
        #expect(queue.add(["v": served(8)], at: 60) == 0)
        #expect(queue.next() == first)
        queue.kept()
        #expect(queue.next() == .init(number: 2, rows: [key("v", 60): served(8)]))
        #expect(queue.refused() == 8 && queue.next() == nil && queue.refused() == 0)
    }

    @Test func `what waits has an end, and what there is goes on to be counted`() {
        var queue = PlaybackQueue()
        let videos = (0..<PlaybackQueue.capacity).map { ("v\($0)", served(1)) }
        #expect(queue.add(Dictionary(uniqueKeysWithValues: videos), at: 0) == 0)
        #expect(queue.add(["v0": served(3), "new": served(5)], at: 0) == 5)
        var told = 0
        var batches = 0
        while let batch = queue.next() {
            #expect(batch.rows.count <= PlaybackQueue.rowsPerBatch)
            batches += 1
            told += batch.rows.values.reduce(0) { $0 + $1.hits }
            queue.kept()
        }
        #expect(told == PlaybackQueue.capacity + 3 && batches == 32)
    }
}
