internal import CSandbox
internal import Glibc

extension Jail {
    /// Every system call the jailed process may make.
    ///
    /// The list is what decoding, scaling and encoding were seen to call on every kind of upload, and what the C
    /// library calls in their place on other versions or when memory or time runs short. Calls with conditions come
    /// first: the kernel finds out by itself which ones are always allowed, and does not run the filter for them.
    static func systemCalls(of process: pid_t) -> [SystemCallRule] {
        conditional(process: UInt32(process)) + work.map { SystemCallRule($0, .allowed) }
            + paths.map { SystemCallRule($0, .answered(EACCES)) } + refused
    }

    private static func conditional(process: UInt32) -> [SystemCallRule] {
        let results = UInt32(JailedTranscode.resultDescriptor)
        let output = SystemCallRule.Condition(0, anyOf: [results, 2, 1], otherwise: WEIR_REFUSED_DESCRIPTOR)
        let notExecutable = SystemCallRule.Condition(
            2, mask: UInt32(PROT_EXEC), anyOf: [0], otherwise: WEIR_REFUSED_EXECUTABLE)
        let anonymous = SystemCallRule.Condition(
            3, mask: UInt32(MAP_ANONYMOUS), anyOf: [UInt32(MAP_ANONYMOUS)], otherwise: WEIR_REFUSED_MAPPING)
        let signals = [UInt32(SIGABRT), 32, 33]  // The last two are the C library's own, for its threads.
        return [
            SystemCallRule(SYS_write, .allowedIf([output])),
            SystemCallRule(SYS_writev, .allowedIf([output])),
            SystemCallRule(SYS_mmap, .allowedIf([notExecutable, anonymous])),
            SystemCallRule(SYS_mprotect, .allowedIf([notExecutable])),
            SystemCallRule(
                SYS_clone,
                .allowedIf([
                    .init(
                        0, mask: ~ThreadFlags.optional, anyOf: [ThreadFlags.required], otherwise: WEIR_REFUSED_PROCESS)
                ])),
            // abort() signals itself.
            SystemCallRule(SYS_tgkill, .allowedIf([.init(0, anyOf: [process], otherwise: WEIR_REFUSED_PROCESS)])),
            SystemCallRule(
                SYS_rt_sigaction, .allowedIf([.init(0, anyOf: signals, otherwise: WEIR_REFUSED_ARGUMENT)])),
            SystemCallRule(
                SYS_prctl,
                .allowedIf([.init(0, anyOf: [UInt32(PR_SET_NAME)], otherwise: WEIR_REFUSED_ARGUMENT)])),
        ]
    }

    /// Flags of clone(2) that make a thread, and those the C library may add.
    private enum ThreadFlags {
        static let required = UInt32(0x0001_0900)  // CLONE_THREAD, CLONE_SIGHAND, CLONE_VM
        // CLONE_FS, _FILES, _SYSVSEM, _SETTLS, _PARENT_SETTID, _CHILD_CLEARTID, _DETACHED
        static let optional = UInt32(0x007c_0600)
    }

    /// Calls that reach nothing but the process itself and the descriptors it was given.
    private static let work: [Int32] =
        [
            // The upload and the results
            SYS_read, SYS_pread64, SYS_lseek, SYS_fstat, SYS_close,
            // Memory
            SYS_munmap, SYS_mremap, SYS_brk, SYS_madvise, SYS_sysinfo,
            // Threads
            SYS_futex, SYS_set_robust_list, SYS_rseq, SYS_sched_yield, SYS_sched_getaffinity, SYS_getcpu, SYS_getpid,
            SYS_gettid, SYS_geteuid, SYS_getpriority, SYS_exit, SYS_exit_group,
            // Signals
            SYS_rt_sigreturn, SYS_rt_sigprocmask, SYS_sigaltstack, SYS_restart_syscall,
            // Time and chance
            SYS_clock_gettime, SYS_clock_getres, SYS_clock_nanosleep, SYS_nanosleep, SYS_gettimeofday, SYS_getrusage,
            SYS_getrandom,
        ] + Legacy.work

    /// Calls that name a file. Libraries look for what they can do without: tables of character sets, the processors'
    /// features, settings of the kernel's memory. Landlock answers the same, but not to questions about a file.
    private static let paths: [Int32] =
        [
            SYS_openat, SYS_openat2, SYS_newfstatat, SYS_statx, SYS_faccessat, SYS_faccessat2, SYS_readlinkat,
            SYS_getcwd,
        ] + Legacy.paths

    private static let refused = [
        // The C library then makes its threads by clone(2), whose flags a filter can see.
        SystemCallRule(SYS_clone3, .answered(ENOSYS)),
        // Whether the error output is a terminal.
        SystemCallRule(SYS_ioctl, .answered(ENOTTY)),
        // Encoders place threads and memory; without it they leave that to the kernel.
        SystemCallRule(SYS_sched_setaffinity, .answered(EPERM)),
        SystemCallRule(SYS_sched_setscheduler, .answered(EPERM)),
        SystemCallRule(SYS_sched_getscheduler, .answered(EPERM)),
        SystemCallRule(SYS_setpriority, .answered(EPERM)),
        SystemCallRule(SYS_mbind, .answered(ENOSYS)),
        SystemCallRule(SYS_get_mempolicy, .answered(ENOSYS)),
        SystemCallRule(SYS_set_mempolicy, .answered(ENOSYS)),
        // Limits are what they are: neither read, since that is the call that sets them, nor set.
        SystemCallRule(SYS_prlimit64, .answered(EPERM)),
    ]

    /// Calls that newer architectures have only in another form.
    private enum Legacy {
        #if arch(x86_64)
        static let work = [SYS_time]
        static let paths = [SYS_open, SYS_stat, SYS_lstat, SYS_access, SYS_readlink]
        #else
        static let work: [Int32] = []
        static let paths: [Int32] = []
        #endif
    }
}
