#ifndef WEIR_CSANDBOX_SHIM_H
#define WEIR_CSANDBOX_SHIM_H

// System calls by number: defining _GNU_SOURCE here would give glibc's types another shape than in the Glibc module.
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/memfd.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// Every function returns 0, or the errno of what the kernel refused.

static inline int weir_no_new_privileges(void) { return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 ? 0 : errno; }

static inline int weir_die_with_parent(void) { return prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0 ? 0 : errno; }

static inline int weir_undumpable(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 ? 0 : errno; }

// The kernel's version of Landlock; 0 when it has none.
static inline int weir_landlock_version(void) {
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    return abi < 0 ? 0 : (int)abi;
}

// Denies every path and, where the kernel can, every TCP bind and connect, abstract socket and signal to processes
// outside; open descriptors keep working.
static inline int weir_landlock_deny_all(void) {
    int abi = weir_landlock_version();
    if (abi < 1) return ENOSYS;
    // The layout is the kernel's: file rights, then (ABI 4) network rights, then (ABI 6) scopes; headers may be older
    // than the kernel.
    uint64_t rights[3] = {(1ULL << 13) - 1, 0, 0};
    if (abi >= 2) rights[0] |= 1ULL << 13;
    if (abi >= 3) rights[0] |= 1ULL << 14;
    if (abi >= 5) rights[0] |= 1ULL << 15;
    if (abi >= 4) rights[1] = 3;
    if (abi >= 6) rights[2] = 3;
    size_t size = sizeof rights[0] * (abi >= 6 ? 3 : abi >= 4 ? 2 : 1);
    long ruleset = syscall(SYS_landlock_create_ruleset, rights, size, 0);
    if (ruleset < 0) return errno;
    int failed = syscall(SYS_landlock_restrict_self, (int)ruleset, 0) == 0 ? 0 : errno;
    close((int)ruleset);
    return failed;
}

// A network namespace of its own, which holds nothing but a loopback interface that is down.
static inline int weir_empty_network(void) { return syscall(SYS_unshare, 0x10000000 | 0x40000000 /* CLONE_NEWUSER | CLONE_NEWNET */) == 0 ? 0 : errno; }

static inline int weir_limit_both(int resource, uint64_t soft, uint64_t hard) {
    uint64_t limit[2] = {soft, hard};  // the kernel's struct rlimit64
    return syscall(SYS_prlimit64, 0, resource, limit, 0) == 0 ? 0 : errno;
}
static inline int weir_limit(int resource, uint64_t value) { return weir_limit_both(resource, value, value); }
// Ends with SIGXCPU, which says why, and with SIGKILL if that is not obeyed.
static inline int weir_limit_cpu(uint64_t seconds) { return weir_limit_both(0, seconds, seconds + 5); }  // RLIMIT_CPU
static inline int weir_limit_file_size(uint64_t bytes) { return weir_limit(1, bytes); }      // RLIMIT_FSIZE
static inline int weir_limit_core(void) { return weir_limit(4, 0); }                         // RLIMIT_CORE
static inline int weir_limit_threads(uint64_t count) { return weir_limit(6, count); }        // RLIMIT_NPROC
static inline int weir_limit_descriptors(uint64_t count) { return weir_limit(7, count); }    // RLIMIT_NOFILE
static inline int weir_limit_memory(uint64_t bytes) { return weir_limit(9, bytes); }         // RLIMIT_AS

#if defined(__x86_64__)
static const uint32_t weir_audit_architecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
static const uint32_t weir_audit_architecture = AUDIT_ARCH_AARCH64;
#endif

// Why a filter refuses a system call: what it returns beside SECCOMP_RET_TRAP.
enum weir_refusal {
    WEIR_REFUSED_UNLISTED, WEIR_REFUSED_DESCRIPTOR, WEIR_REFUSED_EXECUTABLE, WEIR_REFUSED_MAPPING,
    WEIR_REFUSED_PROCESS, WEIR_REFUSED_ARGUMENT,
};

static inline size_t weir_append(char *line, size_t length, const char *text) {
    while (*text) line[length++] = *text++;
    return length;
}

// Says on the error output what was refused. Runs as a signal handler, wherever the process was.
static inline void weir_report_refusal(int signal, siginfo_t *info, void *context) {
    static const char *const reasons[] = {
        "it is not on the list", "that descriptor is not to be written to", "memory is not to be executed",
        "only memory is to be mapped", "only threads of its own", "not with this argument",
    };
    char line[160], digits[12];
    size_t first = sizeof digits, length = weir_append(line, 0, "the jail refused system call ");
    unsigned number = (unsigned)info->si_syscall;
    digits[--first] = 0;
    do digits[--first] = (char)('0' + number % 10); while (number /= 10);
    length = weir_append(line, length, digits + first);
    length = weir_append(line, length, ": ");
    unsigned reason = (unsigned)info->si_errno;
    length = weir_append(line, length, reason < sizeof reasons / sizeof *reasons ? reasons[reason] : "for a reason unknown");
    length = weir_append(line, length, "\n");
    if (write(STDERR_FILENO, line, length) < 0) {}
    // SIGSYS is blocked here, so that the kernel ends the process with it when it has to refuse once more.
    syscall(SYS_seccomp, 0, 0, 0);
}

// Lets every thread of the process make only the system calls that `program` allows. Before one that it traps ends the
// process, the error output says which.
static inline int weir_filter_system_calls(const struct sock_filter *program, unsigned short count) {
    struct sigaction action = {0};
    action.sa_sigaction = weir_report_refusal;
    action.sa_flags = SA_SIGINFO;
    if (sigaction(SIGSYS, &action, NULL) != 0) return errno;
    struct sock_fprog filter = {count, (struct sock_filter *)program};
    long other = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &filter);
    return other == 0 ? 0 : other > 0 ? EBUSY : errno;
}

// A filter that allows everything, to see whether the kernel takes filters at all.
static inline int weir_filter_nothing(void) {
    struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    struct sock_fprog filter = {1, &allow};
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) == 0 ? 0 : errno;
}

enum weir_attempt { WEIR_TRY_FILTER, WEIR_TRY_LANDLOCK, WEIR_TRY_NETWORK };

// What `attempt` answers in a process that ends with it, so that nothing of it stays with the caller.
static inline int weir_try_apart(enum weir_attempt attempt) {
    pid_t child = fork();
    if (child < 0) return errno;
    if (child == 0) {
        int answer = weir_no_new_privileges();
        if (answer == 0 && attempt == WEIR_TRY_FILTER) answer = weir_filter_nothing();
        if (answer == 0 && attempt == WEIR_TRY_LANDLOCK) answer = weir_landlock_deny_all();
        if (answer == 0 && attempt == WEIR_TRY_NETWORK) answer = weir_empty_network();
        _exit(answer);
    }
    int status;
    while (waitpid(child, &status, 0) < 0) if (errno != EINTR) return errno;
    return WIFEXITED(status) ? WEXITSTATUS(status) : EIO;
}

// Closes every descriptor from `first` on, whoever left it open.
static inline int weir_close_from(unsigned first) {
    return syscall(SYS_close_range, first, ~0U, 0) == 0 ? 0 : errno;
}

// An anonymous file in memory, closed on exec.
static inline int weir_memory_file(const char *name) { return (int)syscall(SYS_memfd_create, name, MFD_CLOEXEC); }

// The descriptor of a temporary file without a name in `directory`, or -errno.
static inline int weir_unnamed_file(const char *directory) {
    int descriptor = open(directory, 020000000 | O_DIRECTORY | /* O_TMPFILE */ O_RDWR | O_CLOEXEC, 0600);
    if (descriptor >= 0) return descriptor;
    // Some file systems have no unnamed files; then the name is taken away at once.
    char path[4096];
    int length = snprintf(path, sizeof path, "%s/.weir-upload-%ld-%ld", directory, (long)getpid(), syscall(SYS_gettid));
    if (length >= (int)sizeof path) return -ENAMETOOLONG;
    descriptor = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
    if (descriptor < 0) return -errno;
    unlink(path);
    return descriptor;
}
static inline int weir_duplicate_above(int descriptor, int lowest) {
    int copy = fcntl(descriptor, 1030 /* F_DUPFD_CLOEXEC */, lowest);
    return copy >= 0 ? copy : -errno;
}
// How many processors this process may run on.
static inline int weir_processors(void) {
    unsigned long mask[128] = {0};
    long bytes = syscall(SYS_sched_getaffinity, 0, sizeof mask, mask);
    int count = 0;
    for (long word = 0; word * (long)sizeof mask[0] < bytes; word++) count += __builtin_popcountl(mask[word]);
    return count;
}
static inline int weir_result_pipe(int ends[2]) { return syscall(SYS_pipe2, ends, O_CLOEXEC) == 0 ? 0 : errno; }
static inline int weir_exit_code(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : -1; }
static inline int weir_exit_signal(int status) { return WIFSIGNALED(status) ? WTERMSIG(status) : 0; }

#endif
