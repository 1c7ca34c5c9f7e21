import Glibc
import TestKit
import Testing

@testable import LockFile

@Suite struct LockFileTests {
    private let directory = TemporaryDirectory()
    private var path: String { directory.path + "/lock" }

    @Test func `a second holder is refused and told who has it`() throws {
        let held = try LockFile(path: path)
        #expect(throws: LockFile.Refusal.held(by: "\(getpid())")) { try LockFile(path: path) }
        withExtendedLifetime(held) {}
    }

    @Test func `it is free once its holder is gone`() throws {
        do { _ = try LockFile(path: path) }
        _ = try LockFile(path: path)
    }

    /// What a child has of its parent between fork and exec.
    @Test func `it is free although a copy of its descriptor is still open`() throws {
        var held: LockFile? = try LockFile(path: path)
        let copy = dup(try #require(held).descriptor)
        defer { close(copy) }
        held = nil
        _ = try LockFile(path: path)
    }

    @Test func `it can be given away and taken back`() throws {
        let first = try LockFile(path: path)
        first.unlock()
        do {
            let second = try LockFile(path: path)
            #expect(throws: LockFile.Refusal.held(by: "\(getpid())")) { try first.lock() }
            withExtendedLifetime(second) {}
        }
        try first.lock()
        #expect(throws: LockFile.Refusal.held(by: "\(getpid())")) { try LockFile(path: path) }
    }

    @Test func `a file that cannot be opened is no holder`() {
        #expect(throws: LockFile.Refusal.system(call: "open", number: ENOENT)) {
            try LockFile(path: directory.path + "/missing/lock")
        }
    }
}
