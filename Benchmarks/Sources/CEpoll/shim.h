// epoll as Swift can call it: the structure is packed on x86-64, and `accept4` needs _GNU_SOURCE.
#ifndef BENCHMARK_EPOLL_H
#define BENCHMARK_EPOLL_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/socket.h>

static const uint32_t bench_readable = EPOLLIN, bench_writable = EPOLLOUT;

static inline int bench_watch(int poller, int descriptor, uint32_t events, int is_new) {
    struct epoll_event event = {.events = events, .data = {.fd = descriptor}};
    return epoll_ctl(poller, is_new ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, descriptor, &event);
}

static inline int bench_ready_descriptor(const struct epoll_event *events, int index) { return events[index].data.fd; }

static inline int bench_accept(int listener) { return accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC); }

#endif
