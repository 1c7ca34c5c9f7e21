import CSandbox
import Glibc
import Testing

@testable import TranscodeWorker

/// Attempts to break out, each in a process of its own that has entered the jail.
@Suite struct JailTests {
    /// A system call that has to end the process, and why it says it does.
    struct Escape: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let call: String
        let reason: String

        init(
            _ description: String, _ number: Int32, _ arguments: String = "", because reason: String = "not on the list"
        ) {
            testDescription = description
            call = "\(number) \(arguments)"
            self.reason = reason
        }
    }

    static let escapes = [
        Escape("a socket", SYS_socket, "2 1 0"),
        Escape("a pair of sockets", SYS_socketpair, "1 1 0 buffer"),
        Escape("another program", SYS_execve, "path 0 0"),
        Escape("a copy of the process", SYS_clone, "17", because: "only threads"),
        Escape("a thread with a network of its own", SYS_clone, "\(0x4001_0900)", because: "only threads"),
        Escape("a debugger", SYS_ptrace, "0 0 0 0"),
        Escape("memory of another process", SYS_process_vm_readv, "parent buffer 1 buffer 1 0"),
        Escape("a signal to the parent", SYS_kill, "parent 9"),
        Escape("a signal to a thread of the parent", SYS_tgkill, "parent parent 9", because: "only threads"),
        Escape("memory to execute", SYS_mmap, "0 4096 7 34 -1 0", because: "not to be executed"),
        Escape("memory made executable", SYS_mprotect, "page 4096 5", because: "not to be executed"),
        Escape("the upload as memory to write to", SYS_mmap, "0 4096 3 1 3 0", because: "only memory"),
        Escape("a write to the upload", SYS_write, "3 buffer 1", because: "not to be written"),
        Escape("a write to the upload in pieces", SYS_writev, "3 buffer 1", because: "not to be written"),
        Escape("a write at a place in the upload", SYS_pwrite64, "3 buffer 1 0"),
        Escape("a shorter upload", SYS_ftruncate, "3 0"),
        Escape("a second descriptor", SYS_dup, "3"),
        Escape("a file in memory", SYS_memfd_create, "empty 0"),
        Escape("a ring of system calls", SYS_io_uring_setup, "1 buffer"),
        Escape("a kernel program", SYS_bpf, "0 buffer 8"),
        Escape("a namespace", SYS_unshare, "\(0x1000_0000)"),
        Escape("another namespace's", SYS_setns, "3 0"),
        Escape("a mount", SYS_mount, "path path empty 0 0"),
        Escape("a root of its own", SYS_chroot, "path"),
        Escape("a removed file", SYS_unlinkat, "-100 path 0"),
        Escape("a renamed file", SYS_renameat2, "-100 path -100 path 0"),
        Escape("a directory", SYS_mkdirat, "-100 path 448"),
        Escape("another filter", SYS_seccomp, "1 0 buffer"),
        Escape("another user", SYS_setuid, "0"),
        Escape("a handler for what the filter says", SYS_rt_sigaction, "31 buffer 0 8", because: "this argument"),
        Escape("to be debugged", SYS_prctl, "4 1", because: "this argument"),
        Escape("life after the parent", SYS_prctl, "1 0", because: "this argument"),
        Escape("the keyring", SYS_keyctl, "0 0"),
        Escape("another clock", SYS_clock_settime, "0 buffer"),
    ]

    @Test(arguments: escapes)
    func `what no decoder does ends the process, and it says why`(escape: Escape) throws {
        let probe = try JailedProbe("jail \(escape.call)")
        #expect(probe.signal == SIGSYS)
        #expect(probe.said == [])
        let number = try #require(escape.call.split(separator: " ").first)
        #expect(probe.errors.hasPrefix("the jail refused system call \(number): "))
        #expect(probe.errors.contains(escape.reason))
        #expect(probe.upload == JailedProbe.uploaded)
    }

    /// Calls by which the C library and others ask for what they can do without: number, arguments, errno.
    static let questions: [(Int32, String, Int32)] = [
        (SYS_openat, "-100 path 0 0", EACCES), (SYS_openat2, "-100 path buffer 24", EACCES),
        (SYS_newfstatat, "-100 path buffer 0", EACCES), (SYS_newfstatat, "3 empty buffer 4096", EACCES),
        (SYS_statx, "-100 path 0 2047 buffer", EACCES), (SYS_faccessat, "-100 path 0", EACCES),
        (SYS_readlinkat, "-100 path buffer 10", EACCES), (SYS_getcwd, "buffer 100", EACCES),
        (SYS_clone3, "buffer 88", ENOSYS), (SYS_ioctl, "2 \(TCGETS) buffer", ENOTTY),
        (SYS_sched_setaffinity, "0 8 buffer", EPERM), (SYS_sched_setscheduler, "0 1 buffer", EPERM),
        (SYS_setpriority, "0 0 -20", EPERM), (SYS_set_mempolicy, "0 0 0", ENOSYS),
        (SYS_prlimit64, "0 7 0 buffer", EPERM), (SYS_prlimit64, "0 7 buffer 0", EPERM),
        (SYS_prlimit64, "parent 7 buffer 0", EPERM),
    ]

    @Test(arguments: questions)
    func `what libraries can do without is answered with an error`(
        number: Int32, arguments: String, code: Int32
    ) throws {
        let probe = try JailedProbe("jail \(number) \(arguments)")
        #expect(probe.said == ["errno \(code)"])
        #expect(probe.code == 0)
    }

    #if arch(x86_64)
    @Test func `calls by the numbers of another architecture end the process`() throws {
        let probe = try JailedProbe("jail \(0x4000_0000 + SYS_getpid)")
        #expect(probe.signal == SIGSYS)
        #expect(probe.said == [])
    }
    #endif

    @Test func `what decoders do goes on: memory, threads, time, chance`() throws {
        let probe = try JailedProbe("jail work")
        #expect(probe.said == ["0 true false true true"])
        #expect(probe.code == 0)
        #expect(probe.errors == "")
    }

    @Test func `the upload can be read and the error output written`() throws {
        let probe = try JailedProbe("jail \(SYS_pread64) 3 buffer 9 0 then \(SYS_write) 2 buffer 9")
        #expect(probe.said == ["done", "done"])
        #expect(probe.errors == JailedProbe.uploaded)
    }

    @Test func `threads may have names`() throws {
        #expect(try JailedProbe("jail \(SYS_prctl) \(PR_SET_NAME) path").said == ["done"])
    }

    @Test func `a crash still looks like one`() throws {
        #expect(try JailedProbe("jail abort").signal == SIGABRT)
    }

    @Test func `processor time is bounded`() throws {
        #expect(try JailedProbe("jail spin").signal == SIGXCPU)
    }

    @Test func `memory is bounded`() throws {
        let probe = try JailedProbe("jail \(SYS_mmap) 0 \(1 << 20) 3 34 -1 0 then \(SYS_mmap) 0 \(2 << 30) 3 34 -1 0")
        #expect(probe.said == ["done", "errno \(ENOMEM)"])
    }

    @Test func `the error output cannot fill a disk`() throws {
        let end = Jail.maximumFileBytes
        let probe = try JailedProbe(
            "jail \(SYS_lseek) 2 \(end - 1) 0 then \(SYS_write) 2 buffer 1 then \(SYS_write) 2 buffer 1")
        #expect(probe.said == ["done", "done"])
        #expect(probe.signal == SIGXFSZ)
    }

    @Test func `threads are bounded, except root's`() throws {
        let probe = try JailedProbe("jail threads")
        let count = try #require(probe.said.first?.split(separator: " ").last.flatMap { UInt64($0) })
        #expect(geteuid() == 0 || count < Jail.maximumThreads)
        #expect(count > 500)
    }

    @Test func `descriptors left open by whoever started it are closed`() throws {
        let probe = try JailedProbe("jail \(SYS_fstat) 4 buffer then \(SYS_fstat) 5 buffer")
        #expect(probe.said == ["done", "errno \(EBADF)"])
    }

    @Test func `Landlock alone keeps it from files`() throws {
        let probe = try JailedProbe("landlock \(SYS_openat) -100 path 0 0 then \(SYS_openat) -100 path 64 0")
        #expect(probe.said == ["errno \(EACCES)", "errno \(EACCES)"])
    }

    @Test func `the network namespace alone keeps it from addresses`() throws {
        let probe = try JailedProbe("network \(SYS_socket) 2 1 0 then \(SYS_connect) last loopback 16")
        #expect(probe.said == ["done", "errno \(ENETUNREACH)"])
    }
}
