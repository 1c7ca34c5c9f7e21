import Presentation
import Testing

@testable import TranscodeWorker

@Suite struct AdmissionTests {
    private func key(_ number: Int) -> Admission.Key { .init(jobId: "j", number: number, fence: 1) }

    /// With a memory that was set, or half of which a unit may take alone.
    private func admission(slots: Int, set: Int? = nil, processors: Int = 2) -> Admission {
        Admission(
            slots: slots, memory: MemoryBudget(set: set, slots: slots, machine: 8192), processors: processors)
    }

    @Test func `units run side by side while there are slots and memory`() {
        var admission = admission(slots: 3, set: 1000)
        #expect(admission.offer == 1000)
        admission.begin(key(1), memoryMebibytes: 600)
        #expect(admission.offer == 400)
        admission.begin(key(2), memoryMebibytes: 300)
        #expect(admission.offer == 100)
        admission.end(key(2))
        admission.begin(key(2), memoryMebibytes: 350)
        #expect(admission.offer == nil, "50 MiB are not worth asking for")
        admission.end(key(1))
        #expect(admission.offer == 650)
        admission.begin(key(3), memoryMebibytes: 100)
        admission.begin(key(4), memoryMebibytes: 100)
        #expect(admission.count == 3 && admission.offer == nil)
    }

    @Test func `a unit that needs more than the budget runs alone`() {
        var admission = admission(slots: 2, set: 100)
        #expect(admission.offer == 100)
        admission.begin(key(1), memoryMebibytes: 5000)
        #expect(admission.offer == nil)
        admission.end(key(1))
        #expect(admission.offer == 100)
    }

    @Test func `alone a unit may take half of the machine, a second one is begun only within the usual memory`() {
        var admission = admission(slots: 2)
        #expect(admission.offer == 4096)
        #expect(admission.admits(mebibytes: 4096) && admission.admits(mebibytes: 10_000))
        admission.begin(key(1), memoryMebibytes: 450)
        #expect(admission.offer == 2 * 286 - 450)
        #expect(admission.admits(mebibytes: 60) && !admission.admits(mebibytes: 450))
        admission.begin(key(2), memoryMebibytes: 60)
        #expect(!admission.admits(mebibytes: 1), "both slots are taken")
        admission.end(key(2))
        admission.end(key(1))
        admission.begin(key(3), memoryMebibytes: 3000)
        #expect(admission.offer == nil && !admission.admits(mebibytes: 1))
    }

    @Test(
        arguments: [
            // Slots, processors, memory, threads
            (2, 2, 252, 1), (2, 2, 286, 1), (2, 2, 287, 2), (2, 2, 450, 2), (2, 2, 3000, 2), (1, 8, 450, 1),
            (1, 1, 3000, 1), (8, 8, 252, 1), (8, 8, 450, 2), (8, 8, 900, 4), (8, 8, 5000, 8), (4, 2, 450, 1),
            (8, 2, 2000, 2), (8, 8, 0, 1),
        ])
    func `units share the processors among as many of their kind as memory admits`(
        slots: Int, processors: Int, mebibytes: Int, threads: Int
    ) {
        #expect(admission(slots: slots, processors: processors).threads(forMebibytes: mebibytes) == threads)
    }

    @Test func `memory that was set holds for one unit as for all, and gives them threads`() {
        let admission = admission(slots: 2, set: 2000)
        #expect(admission.memory == MemoryBudget(set: 2000, slots: 8, machine: 1024))
        #expect(admission.offer == 2000)
        #expect(admission.threads(forMebibytes: 450) == 1)
        #expect(admission.threads(forMebibytes: 1100) == 2)
    }

    @Test(arguments: [(2, 8192, 572, 4096), (1, 8192, 286, 4096), (16, 4096, 2048, 2048), (4, 600, 512, 512)])
    func `usual memory is 300 MB for each unit side by side, at most half of the machine's`(
        slots: Int, machine: Int, together: Int, alone: Int
    ) {
        let budget = MemoryBudget(slots: slots, machine: machine)
        #expect(budget.together == together && budget.alone == alone)
    }

    @Test func `fewer slots end nothing and begin nothing`() {
        var admission = admission(slots: 2, set: 1000)
        admission.begin(key(1), memoryMebibytes: 100)
        admission.begin(key(2), memoryMebibytes: 100)
        admission.slots = 1
        admission.end(key(1))
        #expect(admission.count == 1 && admission.offer == nil)
        admission.end(key(2))
        #expect(admission.offer == 1000)
    }

    @Test func `the same unit under two fences counts twice`() {
        var admission = admission(slots: 2, set: 1000)
        admission.begin(.init(jobId: "j", number: 1, fence: 1), memoryMebibytes: 100)
        admission.begin(.init(jobId: "j", number: 1, fence: 2), memoryMebibytes: 100)
        admission.end(.init(jobId: "j", number: 1, fence: 1))
        #expect(admission.count == 1)
    }
}

@Suite struct WorkPaceTests {
    @Test func `before anything is measured a unit has much time`() {
        let pace = WorkPace()
        #expect(pace.pace(of: .pictures) == nil)
        #expect(pace.deadline(.pictures, effortSeconds: 30, limit: 86_400) == 600)
    }

    @Test func `the deadline follows what such units were measured to take`() {
        var pace = WorkPace()
        pace.learn(.pictures, effortSeconds: 10, workSeconds: 5)
        #expect(pace.pace(of: .pictures) == 0.5)
        #expect(pace.deadline(.pictures, effortSeconds: 100, limit: 86_400) == 300 + 1000)
        #expect(pace.pace(of: .sound) == nil)
        pace.learn(.pictures, effortSeconds: 10, workSeconds: 10)
        #expect(pace.pace(of: .pictures) == 0.6)
    }

    @Test func `a fast worker is patient too, and no deadline exceeds the limit`() {
        var pace = WorkPace()
        pace.learn(.sound, effortSeconds: 1000, workSeconds: 0.1)
        #expect(pace.deadline(.sound, effortSeconds: 1000, limit: 86_400) == 1300)
        #expect(pace.deadline(.sound, effortSeconds: 1000, limit: 50) == 50)
    }

    @Test func `what took no time teaches nothing`() {
        var pace = WorkPace()
        pace.learn(.probe, effortSeconds: 0, workSeconds: 1)
        pace.learn(.probe, effortSeconds: 1, workSeconds: 0)
        #expect(pace.pace(of: .probe) == nil)
    }
}

@Suite struct PoolSizeTests {
    private let policy = PoolSize(bounds: 2...8)

    private func load(_ running: Int, _ processor: Double, _ backlog: Double) -> PoolSize.Load {
        .init(running: running, processor: processor, backlogSeconds: backlog, pace: 0.5)
    }

    @Test func `it grows while work waits and processors are free`() {
        #expect(policy.next(after: 4, load(4, 0.4, 1000)) == 5)
        #expect(policy.next(after: 4, load(4, 0.4, 10)) == 4, "so little is done soon")
        #expect(policy.next(after: 4, load(4, 0.65, 1000)) == 4, "a fifth one would go beyond the target")
        #expect(policy.next(after: 4, load(3, 0.4, 1000)) == 4, "there is a slot to spare")
    }

    @Test func `it shrinks when the processors are busy, whoever uses them`() {
        #expect(policy.next(after: 4, load(4, 0.9, 1000)) == 3)
        #expect(policy.next(after: 4, load(4, 0.8, 1000)) == 4, "near the target it stays")
    }

    @Test func `it shrinks when there is nothing to do`() {
        #expect(policy.next(after: 4, load(0, 0.1, 0)) == 3)
        #expect(policy.next(after: 4, load(4, 0.1, 0)) == 4)
    }

    @Test func `it stays within its bounds`() {
        #expect(policy.next(after: 8, load(8, 0.2, 1000)) == 8)
        #expect(policy.next(after: 2, load(2, 1, 1000)) == 2)
        #expect(policy.next(after: 2, load(0, 0, 0)) == 2)
        #expect(policy.next(after: 1, load(0, 1, 0)) == 2)
        #expect(PoolSize(bounds: 3...3).next(after: 3, load(3, 0.1, 1000)) == 3)
    }
}

@Suite struct PoolOptionsTests {
    @Test func `the command line goes before the document`() throws {
        for (words, bounds) in [
            ("", 2...4), ("--min 3", 3...4), ("--min 8", 8...8), ("--max 3", 2...3), ("--max 1", 1...1),
            ("--min 1 --max 9", 1...9),
        ] {
            var arguments = ["weir-transcoder"] + words.split(separator: " ").map(String.init) + ["--config", "a"]
            let options = try PoolOptions(takenFrom: &arguments)
            #expect(arguments == ["weir-transcoder", "--config", "a"])
            #expect(options.applied(to: 2...4) == bounds, "\(words)")
        }
    }

    @Test(arguments: ["--min", "--max 0", "--min many", "--max 257", "--min 3 --max 2"])
    func `what is no number of units is refused`(words: String) {
        var arguments = words.split(separator: " ").map(String.init)
        #expect(throws: PoolOptions.Wrong.self) { try PoolOptions(takenFrom: &arguments) }
    }
}

@Suite struct ReportBatchTests {
    private let second: UInt64 = 1_000_000_000

    private func segment(_ rendition: Int, _ number: Int) -> StoredSegment {
        StoredSegment(
            rendition: rendition, number: number, bytes: 1, durationMicroseconds: 1,
            sha256: String(repeating: "0", count: 64))
    }

    @Test func `the first segment of a rendition goes at once, with all before it`() {
        var batch = ReportBatch()
        batch.add(segment(0, 2))
        #expect(batch.next(now: second) == .send([segment(0, 2)]))
        batch.add(segment(0, 3))
        #expect(batch.next(now: second + 1) == .wait(ReportBatch.pause - 1))
        batch.add(segment(1, 1))
        #expect(batch.next(now: second + 2) == .send([segment(0, 3), segment(1, 1)]))
        batch.add(segment(1, 2))
        #expect(batch.next(now: second + 3) == .wait(ReportBatch.pause - 1))
    }

    @Test func `the others go together, a quarter of a second after the last report`() {
        var batch = ReportBatch()
        batch.add(segment(0, 2))
        #expect(batch.next(now: second) == .send([segment(0, 2)]))
        batch.add(segment(0, 3))
        batch.add(segment(0, 4))
        #expect(batch.next(now: second + ReportBatch.pause) == .send([segment(0, 3), segment(0, 4)]))
        guard case .wait = batch.next(now: 3 * second) else {
            Issue.record("there is nothing to report")
            return
        }
    }

    @Test func `at the end everything goes at once and then it is over`() {
        var batch = ReportBatch()
        for number in 2...(ReportBatch.limit + 10) { batch.add(segment(0, number)) }
        batch.close()
        var sent: [Int] = []
        while case .send(let segments) = batch.next(now: 1) {
            #expect(segments.count <= ReportBatch.limit)
            sent += segments.map(\.number)
        }
        #expect(sent == Array(2...(ReportBatch.limit + 10)))
        #expect(batch.next(now: 1) == .end)
    }
}

@Suite struct MachineTests {
    @Test func `busy is what is neither idle nor waiting for a disk`() throws {
        let ticks = try #require(Machine.ticks("cpu  100 5 20 800 50 1 2 0 30 0\n"))
        #expect(ticks.busy == 128)
        #expect(ticks.all == 978)
    }

    @Test(arguments: ["", "cpu0 1 2 3 4 5", "cpu 1 2 3", "intr 5"])
    func `another line says nothing`(line: String) { #expect(Machine.ticks(line) == nil) }

    @Test func `this machine has processors and memory`() {
        #expect(Machine.processors >= 1)
        #expect(Machine.memoryMebibytes > 64)
        #expect(Machine.processorTicks != nil)
    }
}
