import Glibc
import TestKit
import Testing

@testable import SegmentStore

/// Tests that need a process of their own, to kill it or to take its disk away.
@Suite(.serialized) struct CrashTests {
    private static let probePath = ProbeProgram.path(of: "SegmentStoreCrashProbe")

    private struct Child {
        let pid: pid_t
        let output: Int32

        init(_ arguments: [String], environment: [String] = []) throws {
            var pipes: [Int32] = [0, 0]
            let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
            try #require(socketpair(AF_UNIX, kind, 0, &pipes) == 0)
            var actions = posix_spawn_file_actions_t()
            posix_spawn_file_actions_init(&actions)
            posix_spawn_file_actions_adddup2(&actions, pipes[1], 0)
            posix_spawn_file_actions_adddup2(&actions, pipes[1], 1)
            var words: [UnsafeMutablePointer<CChar>?] = ([CrashTests.probePath] + arguments).map { strdup($0) } + [nil]
            var pid = pid_t()
            var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) }
            var inherited = environ
            while let variable = inherited.pointee {
                variables.append(strdup(variable))
                inherited += 1
            }
            variables.append(nil)
            let code = posix_spawn(&pid, CrashTests.probePath, &actions, nil, &words, variables)
            (words + variables).forEach { free($0) }
            posix_spawn_file_actions_destroy(&actions)
            close(pipes[1])
            try #require(code == 0, "could not start \(CrashTests.probePath)")
            self.pid = pid
            output = pipes[0]
        }

        /// Gives it a line on standard input.
        func say(_ line: String) {
            let bytes = Array((line + "\n").utf8)
            _ = bytes.withUnsafeBytes { Glibc.write(output, $0.baseAddress, $0.count) }
        }

        /// Reads until `lines` lines came, or to the end.
        func read(lines: Int = .max) -> [String] {
            var text: [UInt8] = []
            var byte: UInt8 = 0
            while text.count(where: { $0 == 10 }) < lines, Glibc.read(output, &byte, 1) == 1 { text.append(byte) }
            return String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
        }

        /// Exit status as `waitpid` reports it.
        func wait() -> Int32 {
            var status: Int32 = 0
            waitpid(pid, &status, 0)
            close(output)
            return status
        }
    }

    /// Six rounds, or as many as the environment asks for.
    private static let rounds =
        getenv("WEIR_KILL_ROUNDS").flatMap { Int(String(cString: $0)) } ?? 6

    @Test(.timeLimit(.minutes(20)))
    func `a process killed while it stores, purges and evicts leaves nothing wrong`() throws {
        let directory = TemporaryStoreDirectory()
        var acknowledged = -1
        var random = SystemRandomNumberGenerator()
        for round in 0..<CrashTests.rounds {
            let writer = try Child(["write", directory.path, "\(acknowledged + 1)"])
            var said = writer.read(lines: [1, 5, 2, 9, 3, 14][round % 6])
            // Anywhere in what comes next.
            usleep(UInt32.random(in: 0..<20_000, using: &random))
            kill(writer.pid, SIGKILL)
            said += writer.read()
            #expect(writer.wait() & 0x7f == SIGKILL)
            #expect(!said.contains { $0.hasPrefix("wrong") }, "\(said)")
            for line in said where line.hasPrefix("purged ") {
                acknowledged = max(acknowledged, Int(line.dropFirst(7)) ?? -1)
            }
            let checker = try Child(["check", directory.path, "\(acknowledged)"])
            let report = checker.read()
            #expect(checker.wait() == 0, "round \(round): \(report)")
            #expect(report.last?.hasPrefix("served ") == true)
        }
        #expect(acknowledged > 0)
    }

    @Test(.timeLimit(.minutes(1)))
    func `a successor takes the directory over while the old process reads`() throws {
        let directory = TemporaryStoreDirectory()
        let old = try Child(["hand", directory.path])
        #expect(old.read(lines: 1) == ["ready"])
        let refused = try Child(["take", directory.path])
        #expect(refused.read().isEmpty)
        #expect(refused.wait() == 2 << 8, "the lock is still held")
        old.say("release")
        #expect(old.read(lines: 1) == ["released 48"])
        let new = try Child(["take", directory.path])
        #expect(new.read(lines: 2) == ["opened true 48", "purged 1"])
        // A purge the successor acknowledged is obeyed by the old process.
        old.say("1")
        old.say("0")
        #expect(old.read(lines: 2) == ["found 0", "found 16"])
        // The successor fills the cache several times over, while the old one compares every byte it can find.
        _ = new.read(lines: 12)
        old.say("end")
        let said = old.read()
        #expect(old.wait() == 0, "\(said)")
        kill(new.pid, SIGKILL)
        _ = new.wait()
        let checker = try Child(["check", directory.path, "-1"])
        let report = checker.read()
        #expect(checker.wait() == 0, "\(report)")
    }

    @Test(.timeLimit(.minutes(2)), arguments: FailingDisk.Part.allCases)
    func `an I/O error costs objects, never bytes, and storing resumes when it is over`(
        _ part: FailingDisk.Part
    ) throws {
        let directory = TemporaryStoreDirectory()
        let disk = try FailingDisk(in: directory)
        let child = try Child(
            ["failing", directory.path + "/cache", disk.trigger], environment: disk.environment(part))
        let report = child.read()
        #expect(child.wait() == 0, "\(report)")
        let words = (report.last ?? "").split(separator: " ").map { Int($0) ?? -1 }
        try #require(words.count == 6, "\(report)")
        #expect(words[1] == 32, "everything is stored before")
        switch part {
        case .data: #expect(words[3] > 0 && words[5] == 0, "\(report)")
        case .meta: #expect(words[3] > 0 && words[5] > 0, "\(report)")
        case .sync: #expect(words[5] == 0, "\(report)")
        }
        let checker = try Child(["check", directory.path + "/cache", "-1"])
        let found = checker.read()
        #expect(checker.wait() == 0, "\(found)")
    }

    @Test(.timeLimit(.minutes(1)))
    func `writes that the kernel refuses cost objects, never bytes`() throws {
        let directory = TemporaryStoreDirectory()
        let child = try Child(["limited", directory.path])
        let report = child.read()
        #expect(child.wait() == 0, "\(report)")
        let words = (report.last ?? "").split(separator: " ")
        try #require(words.count == 4)
        #expect(Int(words[1]).map { $0 > 0 } == true, "something was stored: \(report)")
        #expect(Int(words[3]).map { $0 > 0 } == true, "something was refused: \(report)")
    }
}
