import Glibc
import TestKit
import Testing

@testable import SegmentStore

/// A library for `LD_PRELOAD` that makes writes to LMDB's files fail with EIO for as long as a file exists: what a broken
/// disk does, without one.
struct FailingDisk {
    /// Which writes fail.
    enum Part: String, CaseIterable {
        /// Pages of values and trees.
        case data
        /// The two pages that name the newest tree; LMDB gives an environment up when one cannot be written.
        case meta
        /// Flushes.
        case sync
    }

    let library: String
    let trigger: String

    private static let source = """
        #define _GNU_SOURCE
        #include <dlfcn.h>
        #include <errno.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <sys/types.h>
        #include <sys/uio.h>
        #include <unistd.h>

        static int fails(int descriptor, const char *part) {
            const char *wanted = getenv("WEIR_FAILING_PART"), *trigger = getenv("WEIR_FAILING_WHILE");
            if (!wanted || !trigger || strcmp(wanted, part) || access(trigger, F_OK)) return 0;
            char link[64], path[4096];
            snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
            ssize_t count = readlink(link, path, sizeof path - 1);
            if (count < 4) return 0;
            path[count] = 0;
            return !strcmp(path + count - 4, ".mdb");
        }

        static const char *part_at(off_t offset) { return offset < 8192 ? "meta" : "data"; }

        ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t offset) {
            static ssize_t (*real)(int, const void *, size_t, off_t);
            if (!real) real = dlsym(RTLD_NEXT, "pwrite");
            if (fails(descriptor, part_at(offset))) { errno = EIO; return -1; }
            return real(descriptor, bytes, count, offset);
        }

        ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off_t offset) {
            return pwrite(descriptor, bytes, count, offset);
        }

        ssize_t pwritev(int descriptor, const struct iovec *parts, int count, off_t offset) {
            static ssize_t (*real)(int, const struct iovec *, int, off_t);
            if (!real) real = dlsym(RTLD_NEXT, "pwritev");
            if (fails(descriptor, part_at(offset))) { errno = EIO; return -1; }
            return real(descriptor, parts, count, offset);
        }

        ssize_t pwritev64(int descriptor, const struct iovec *parts, int count, off_t offset) {
            return pwritev(descriptor, parts, count, offset);
        }

        int fdatasync(int descriptor) {
            static int (*real)(int);
            if (!real) real = dlsym(RTLD_NEXT, "fdatasync");
            if (fails(descriptor, "sync")) { errno = EIO; return -1; }
            return real(descriptor);
        }
        """

    /// Compiles it into `directory`.
    init(in directory: TemporaryStoreDirectory) throws {
        let source = directory.path + "/failing.c"
        library = directory.path + "/failing.so"
        trigger = directory.path + "/failing"
        write(Array(FailingDisk.source.utf8), source)
        let command = ["cc", "-shared", "-fPIC", "-o", library, source]
        var words: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) }
        words.append(nil)
        defer { words.forEach { free($0) } }
        var pid = pid_t()
        try #require(posix_spawnp(&pid, "cc", nil, nil, &words, environ) == 0, "a C compiler is needed")
        var status: Int32 = 0
        waitpid(pid, &status, 0)
        try #require(status == 0, "the C compiler refused")
    }

    /// What a process must find in its environment.
    func environment(_ part: Part) -> [String] {
        ["LD_PRELOAD=\(library)", "WEIR_FAILING_PART=\(part.rawValue)", "WEIR_FAILING_WHILE=\(trigger)"]
    }
}
