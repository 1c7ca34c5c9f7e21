import EventLoop
import Jobs
import Testing

@Suite struct VideoChangesTests {
    @Test func `only the watched video's watchers hear of a change`() async {
        let changes = VideoChanges()
        await changes.watching("a") { bell in
            changes.changed("b")
            #expect(bell.rings == 0)
            changes.changed("a")
            #expect(bell.rings == 1)
        }
    }
}
