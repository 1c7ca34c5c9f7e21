import EventLoop
import Glibc
import Supervisor
import Synchronization
import TestKit
import Testing

@Suite struct SupervisorTests {
    private final class Events: Sendable {
        let seen = Mutex<[SupervisorEvent]>([])
    }

    private func shell(_ script: String, in directory: TemporaryDirectory) -> ChildSpecification {
        ChildSpecification(
            name: "shell", executable: "/bin/sh", arguments: ["-c", script], logPath: directory.file("shell.log"))
    }

    @Test func `a process that refuses its configuration ends the start with the place of its log`() async throws {
        let directory = TemporaryDirectory()
        let loop = try EventLoop()
        let supervisor = try Supervisor(
            loop: loop, children: [shell("exit 78", in: directory)], readinessPath: directory.file("notify"),
            report: { _ in })
        let error = await #expect(throws: SupervisionError.self) { try await supervisor.start() }
        #expect(error?.description.contains(directory.file("shell.log")) == true)
        await supervisor.shutDown()
        await loop.shutdown()
    }

    @Test func `a program that is not there is named`() async throws {
        let directory = TemporaryDirectory()
        let loop = try EventLoop()
        let child = ChildSpecification(
            name: "none", executable: directory.file("none"), arguments: [], logPath: directory.file("log"))
        let supervisor = try Supervisor(
            loop: loop, children: [child], readinessPath: directory.file("notify"), report: { _ in })
        let error = await #expect(throws: SupervisionError.self) { try await supervisor.start() }
        #expect(error?.description.contains(directory.file("none")) == true)
        await supervisor.shutDown()
        await loop.shutdown()
    }

    @Test func `a process that dies is told of and started again, and one that will not drain is killed`() async throws
    {
        let directory = TemporaryDirectory()
        let loop = try EventLoop()
        let events = Events()
        // The first run leaves a mark and dies; the second stays and ignores SIGTERM.
        let script =
            "if [ -e ran ]; then trap '' TERM; touch again; while :; do sleep 0.1; done; else touch ran; exit 3; fi"
        let supervisor = try Supervisor(
            loop: loop, children: [shell("cd \(directory.path); \(script)", in: directory)],
            readinessPath: directory.file("notify"), grace: .milliseconds(100)
        ) { event in
            events.seen.withLock { $0.append(event) }
        }
        let start = Task { try await supervisor.start() }
        #expect(await eventually { access(directory.file("again"), F_OK) == 0 })
        await supervisor.shutDown()
        start.cancel()
        #expect(
            events.seen.withLock { $0 } == [
                .died(name: "shell", reason: "exit code 3", restartAfter: .milliseconds(250)), .killed(name: "shell"),
            ])
        await loop.shutdown()
    }
}
