import EventLoop
import Glibc
import Testing

@Suite struct LatchTests {
    @Test func `a closed latch holds a thread no longer than it may`() throws {
        let latch = try Latch()
        #expect(!latch.wait(upTo: .milliseconds(1)))
        #expect(!latch.wait(upTo: .zero))
    }

    @Test func `an open latch holds nobody, however often`() throws {
        let latch = try Latch()
        latch.open()
        #expect(latch.wait(upTo: .zero) && latch.wait(upTo: .zero))
    }

    @Test func `a thread goes on when another one opens the latch`() throws {
        let latch = try Latch()
        let pool = try BlockingPool(name: "latch", threads: 1, queueLimit: 1)
        #expect(pool.submit { latch.open() })
        #expect(latch.wait(upTo: .seconds(60)))
        pool.shutdown()
    }
}
