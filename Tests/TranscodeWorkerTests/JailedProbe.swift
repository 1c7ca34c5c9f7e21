import CSandbox
import Glibc
import TestKit
import Testing

/// One run of the JailProbe, with the descriptors a decoder gets: the upload (here one that could be written to), the
/// pipe for results, and an error output.
struct JailedProbe {
    /// What it said on the pipe, line by line.
    let said: [String]
    /// Its error output.
    let errors: String
    /// Exit status, or -1 after a signal.
    let code: Int32
    /// The signal that ended it, or 0.
    let signal: Int32
    /// The upload afterwards.
    let upload: String

    static let uploaded = "an upload"

    init(_ words: String) throws {
        let directory = TemporaryDirectory()
        let upload = open(directory.file("upload"), O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        let errors = open(directory.file("errors"), O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        var ends: [Int32] = [-1, -1]
        try #require(upload >= 0 && errors >= 0 && weir_result_pipe(&ends) == 0)
        _ = write(upload, Self.uploaded, Self.uploaded.utf8.count)
        // Above those the child knows, so that none is overwritten before it is copied.
        let copies = [errors, upload, ends[1]].map { fcntl($0, F_DUPFD_CLOEXEC, 20) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        for (copy, wanted) in zip(copies, [2, 3, 4] as [Int32]) {
            posix_spawn_file_actions_adddup2(&actions, copy, wanted)
        }
        // What this process ignores and its threads block, the child must not.
        var attributes = posix_spawnattr_t()
        var none = sigset_t()
        var all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_init(&attributes)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        let path = ProbeProgram.path(of: "JailProbe")
        var arguments = ([path] + words.split(separator: " ").map(String.init)).map { strdup($0) } + [nil]
        var variables = [strdup("SWIFT_BACKTRACE=enable=no"), nil]
        var pid = pid_t()
        let started = posix_spawn(&pid, path, &actions, &attributes, &arguments, &variables)
        (arguments + variables).forEach { free($0) }
        posix_spawn_file_actions_destroy(&actions)
        posix_spawnattr_destroy(&attributes)
        (copies + [ends[1]]).forEach { close($0) }
        try #require(started == 0, "could not start \(path)")
        said = Self.text(of: ends[0]).split(separator: "\n").map(String.init)
        var status: Int32 = 0
        waitpid(pid, &status, 0)
        signal = status & 0x7f
        code = signal == 0 ? status >> 8 & 0xff : -1
        lseek(upload, 0, SEEK_SET)
        self.upload = Self.text(of: upload)
        lseek(errors, 0, SEEK_SET)
        self.errors = Self.text(of: errors)
        for descriptor in [upload, errors, ends[0]] { close(descriptor) }
    }

    /// What is left to read, up to a mebibyte.
    private static func text(of descriptor: Int32) -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while bytes.count < 1 << 20 {
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { break }
            bytes += buffer[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
