#ifndef WEIR_CSANDBOX_SHIM_H
#define WEIR_CSANDBOX_SHIM_H

// System calls by number: defining _GNU_SOURCE here would give glibc's types another shape than in the Glibc module.
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <linux/memfd.h>
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

// Denies every path and, where the kernel can, every TCP bind and connect; open descriptors keep working.
static inline int weir_landlock_deny_all(void) {
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (abi < 1) return abi < 0 ? errno : ENOSYS;
    // The layout is the kernel's: file rights, then (ABI 4) network rights; headers may be older than the kernel.
    uint64_t rights[2] = {(1ULL << 13) - 1, 0};
    if (abi >= 2) rights[0] |= 1ULL << 13;
    if (abi >= 3) rights[0] |= 1ULL << 14;
    if (abi >= 5) rights[0] |= 1ULL << 15;
    if (abi >= 4) rights[1] = 3;
    long ruleset = syscall(SYS_landlock_create_ruleset, rights, abi >= 4 ? sizeof rights : sizeof rights[0], 0);
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
static inline int weir_limit_descriptors(uint64_t count) { return weir_limit(7, count); }    // RLIMIT_NOFILE
static inline int weir_limit_memory(uint64_t bytes) { return weir_limit(9, bytes); }         // RLIMIT_AS

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
static inline int weir_result_pipe(int ends[2]) { return syscall(SYS_pipe2, ends, O_CLOEXEC) == 0 ? 0 : errno; }
static inline int weir_exit_code(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : -1; }
static inline int weir_exit_signal(int status) { return WIFSIGNALED(status) ? WTERMSIG(status) : 0; }

#endif
