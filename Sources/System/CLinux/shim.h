#ifndef WEIR_CLINUX_SHIM_H
#define WEIR_CLINUX_SHIM_H
// Linux calls which Swift's Glibc module does not import: GNU extensions, macros and variadic functions.
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

// GNU declarations, hidden when a header was first read without _GNU_SOURCE.
extern int accept4(int descriptor, struct sockaddr *address, socklen_t *length, int flags);
extern int pthread_setname_np(pthread_t thread, const char *name);
extern int sync_file_range(int descriptor, __off64_t offset, __off64_t count, unsigned int flags);

// epoll

static inline int weir_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

static inline int weir_epoll_control(int poller, int operation, int descriptor, uint32_t events, void *data) {
    struct epoll_event event;
    memset(&event, 0, sizeof(event));
    event.events = events;
    event.data.ptr = data;
    return epoll_ctl(poller, operation, descriptor, &event);
}

static inline int weir_epoll_add(int poller, int descriptor, uint32_t events, void *data) {
    return weir_epoll_control(poller, EPOLL_CTL_ADD, descriptor, events, data);
}

static inline int weir_epoll_modify(int poller, int descriptor, uint32_t events, void *data) {
    return weir_epoll_control(poller, EPOLL_CTL_MOD, descriptor, events, data);
}

static inline int weir_epoll_remove(int poller, int descriptor) {
    return weir_epoll_control(poller, EPOLL_CTL_DEL, descriptor, 0, 0);
}

static inline int weir_epoll_wait(int poller, struct epoll_event *events, int capacity, int milliseconds) {
    return epoll_wait(poller, events, capacity, milliseconds);
}

// The structure is packed on x86-64, so its fields are read here.
static inline uint32_t weir_epoll_event_flags(const struct epoll_event *events, int index) {
    return events[index].events;
}

static inline void *weir_epoll_event_data(const struct epoll_event *events, int index) {
    return events[index].data.ptr;
}

#define WEIR_EPOLL_READ ((uint32_t)0x001)
#define WEIR_EPOLL_WRITE ((uint32_t)0x004)
#define WEIR_EPOLL_ERROR ((uint32_t)0x008)
#define WEIR_EPOLL_HANG_UP ((uint32_t)0x010)
#define WEIR_EPOLL_EDGE ((uint32_t)0x80000000)
_Static_assert(WEIR_EPOLL_READ == EPOLLIN && WEIR_EPOLL_WRITE == EPOLLOUT && WEIR_EPOLL_ERROR == EPOLLERR, "epoll.h");
_Static_assert(WEIR_EPOLL_HANG_UP == EPOLLHUP && WEIR_EPOLL_EDGE == (uint32_t)EPOLLET, "epoll.h");

// eventfd

static inline int weir_eventfd(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }

static inline int weir_eventfd_signal(int descriptor) {
    uint64_t one = 1;
    return write(descriptor, &one, sizeof(one)) == sizeof(one);
}

// What was signalled since the last call; 0 if nothing.
static inline uint64_t weir_eventfd_take(int descriptor) {
    uint64_t count;
    return read(descriptor, &count, sizeof(count)) == sizeof(count) ? count : 0;
}

// Signals

// Interrupted calls go on by themselves.
static inline int weir_set_signal_handler(int number, void (*handler)(int)) {
    struct sigaction action;
    memset(&action, 0, sizeof(action));
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    sigfillset(&action.sa_mask);
    return sigaction(number, &action, 0);
}

// For signal handlers: leaves errno as it was.
static inline void weir_eventfd_signal_quietly(int descriptor) {
    int before = errno;
    uint64_t one = 1;
    ssize_t written = write(descriptor, &one, sizeof(one));
    (void)written;
    errno = before;
}

static inline void weir_ignore_signal(int number) { signal(number, SIG_IGN); }

// Sockets

static inline int weir_socket(int family) { return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0); }

static inline int weir_accept(int listener, struct sockaddr_storage *address, socklen_t *length) {
    return accept4(listener, (struct sockaddr *)address, length, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

static inline int weir_bind(int descriptor, const struct sockaddr_storage *address, socklen_t length) {
    return bind(descriptor, (const struct sockaddr *)address, length);
}

static inline int weir_connect(int descriptor, const struct sockaddr_storage *address, socklen_t length) {
    return connect(descriptor, (const struct sockaddr *)address, length);
}

static inline int weir_local_address(int descriptor, struct sockaddr_storage *address, socklen_t *length) {
    return getsockname(descriptor, (struct sockaddr *)address, length);
}

static inline int weir_peer_address(int descriptor, struct sockaddr_storage *address, socklen_t *length) {
    return getpeername(descriptor, (struct sockaddr *)address, length);
}

static inline int weir_set_option(int descriptor, int level, int name, int value) {
    return setsockopt(descriptor, level, name, &value, sizeof(value));
}

static inline int weir_get_option(int descriptor, int level, int name, int *value) {
    socklen_t length = sizeof(*value);
    return getsockopt(descriptor, level, name, value, &length);
}

// Bytes written to a TCP socket that the peer has not acknowledged; -1 on failure.
static inline int weir_unacknowledged(int descriptor) {
    int count = 0;
    return ioctl(descriptor, TIOCOUTQ, &count) == 0 ? count : -1;
}

// Makes the next close() send a reset and forget unsent bytes.
static inline int weir_reset_on_close(int descriptor) {
    struct linger now = {.l_onoff = 1, .l_linger = 0};
    return setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
}

// Never raises SIGPIPE, unlike write() and writev().
static inline ssize_t weir_send(int descriptor, const void *bytes, size_t count, int more) {
    return send(descriptor, bytes, count, MSG_NOSIGNAL | (more ? MSG_MORE : 0));
}

static inline ssize_t weir_send_vector(int descriptor, struct iovec *pieces, size_t count) {
    struct msghdr message;
    memset(&message, 0, sizeof(message));
    message.msg_iov = pieces;
    message.msg_iovlen = count;
    return sendmsg(descriptor, &message, MSG_NOSIGNAL);
}

static inline ssize_t weir_send_pair(int descriptor, const void *first, size_t first_count, const void *second, size_t second_count) {
    struct iovec pieces[2] = {
        {.iov_base = (void *)first, .iov_len = first_count}, {.iov_base = (void *)second, .iov_len = second_count}};
    return weir_send_vector(descriptor, pieces, 2);
}

// Processes and descriptors

// The kernel begins to bring what was written there to the disk (SYNC_FILE_RANGE_WRITE). Proves nothing: only fsync() does.
static inline int weir_begin_write_back(int descriptor, int64_t offset, int64_t count) {
    return sync_file_range(descriptor, offset, count, 2);
}

// Also for every other descriptor of the same open file.
static inline int weir_set_nonblocking(int descriptor) {
    int flags = fcntl(descriptor, F_GETFL);
    return flags < 0 ? -1 : fcntl(descriptor, F_SETFL, flags | O_NONBLOCK);
}

static inline int weir_close_on_exec(int descriptor) { return fcntl(descriptor, F_SETFD, FD_CLOEXEC); }

// Another descriptor of the same open file, `lowest` or above, closed by exec.
static inline int weir_duplicate(int descriptor, int lowest) { return fcntl(descriptor, F_DUPFD_CLOEXEC, lowest); }

// Never waits, neither to send nor to receive.
static inline int weir_datagram_socket(void) { return socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0); }

// Two connected ends that keep messages apart and report the other's end.
static inline int weir_message_pair(int ends[2]) { return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends); }

// GNU declarations, hidden when a header was first read without _GNU_SOURCE.
struct weir_sender {
    pid_t process;
    uid_t user;
    gid_t group;
};
#define WEIR_SENDER_MESSAGE 0x02

// A datagram with the process that the kernel says has sent it; 0 if it does not say.
static inline ssize_t weir_receive_from_process(int descriptor, void *bytes, size_t count, pid_t *sender) {
    union {
        char bytes[64];
        struct cmsghdr aligned;
    } control;
    struct iovec piece = {.iov_base = bytes, .iov_len = count};
    struct msghdr message;
    memset(&message, 0, sizeof(message));
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    message.msg_control = control.bytes;
    message.msg_controllen = sizeof(control);
    *sender = 0;
    ssize_t received = recvmsg(descriptor, &message, MSG_DONTWAIT);
    if (received < 0) return received;
    for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != WEIR_SENDER_MESSAGE) continue;
        struct weir_sender credentials;
        memcpy(&credentials, CMSG_DATA(header), sizeof(credentials));
        *sender = credentials.process;
    }
    return received;
}

// Lets the receiver of datagrams know who sent them.
static inline int weir_ask_for_sender(int descriptor) {
    int on = 1;
    return setsockopt(descriptor, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on));
}

// Processes whose parent ends become children of this one.
static inline int weir_adopt_orphans(void) { return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); }

// A child that has ended and is not yet reaped; 0 if there is none.
static inline pid_t weir_ended_child(void) {
    siginfo_t information;
    information.si_pid = 0;
    return waitid(P_ALL, 0, &information, WEXITED | WNOHANG | WNOWAIT) == 0 ? information.si_pid : 0;
}

// The file name this program was started by (execve's first argument).
static inline const char *weir_started_as(void) { return (const char *)getauxval(AT_EXECFN); }

static inline int weir_pidfd_open(pid_t process) { return (int)syscall(SYS_pidfd_open, process, 0); }

// The kernel sends this process `number` when its parent dies.
static inline int weir_set_parent_death_signal(int number) { return prctl(PR_SET_PDEATHSIG, number, 0, 0, 0); }

static inline int weir_set_thread_name(const char *name) { return pthread_setname_np(pthread_self(), name); }

// What sched_setattr(2) says of a thread; glibc has a name for it from 2.41 on.
struct weir_scheduling {
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime, deadline, period;
};

// The calling thread runs for so many nanoseconds at a time when others wait as well. From Linux 6.12 on a thread with a
// shorter slice gets the processor as soon as it wakes; before, nothing changes. A policy that somebody chose stays.
static inline int weir_set_time_slice(uint64_t nanoseconds) {
    struct weir_scheduling scheduling;
    if (syscall(SYS_sched_getattr, 0, &scheduling, sizeof(scheduling), 0) != 0) return -1;
    if (scheduling.policy != SCHED_OTHER) return 0;
    scheduling.runtime = nanoseconds;
    return (int)syscall(SYS_sched_setattr, 0, &scheduling, 0);
}

#endif
