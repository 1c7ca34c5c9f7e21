#ifndef WEIR_CBYTES_SHIM_H
#define WEIR_CBYTES_SHIM_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/// glibc declares it only under _GNU_SOURCE, which a header of a module cannot rely on being defined in time.
void *memmem(const void *haystack, size_t haystack_count, const void *needle, size_t needle_count);

/// Offset of `byte` in the `count` bytes at `base`, or -1. libc's memchr uses the widest vectors the CPU has.
static inline ptrdiff_t weir_memchr(const void *base, uint8_t byte, size_t count) {
    const uint8_t *found = (const uint8_t *)memchr(base, byte, count);
    return found ? found - (const uint8_t *)base : -1;
}

/// Offset of the first occurrence of `needle` in `base`, or -1.
static inline ptrdiff_t weir_memmem(const void *base, size_t count, const void *needle, size_t needle_count) {
    const uint8_t *found = (const uint8_t *)memmem(base, count, needle, needle_count);
    return found ? found - (const uint8_t *)base : -1;
}

static inline int weir_memcmp(const void *a, const void *b, size_t count) {
    return memcmp(a, b, count);
}

/// Whether any byte is an ASCII control character other than tab. Free of branches, so that it becomes vector code.
static inline int weir_has_control(const void *base, size_t count) {
    const uint8_t *at = (const uint8_t *)base;
    uint8_t found = 0;
    for (size_t index = 0; index < count; index += 1) {
        uint8_t byte = at[index];
        found |= (uint8_t)(((byte < 0x20) & (byte != 0x09)) | (byte == 0x7f));
    }
    return found != 0;
}

/// Whether any byte must be escaped in a JSON string, or is DEL. Free of branches, so that it becomes vector code.
static inline int weir_has_json_escapable(const void *base, size_t count) {
    const uint8_t *at = (const uint8_t *)base;
    uint8_t found = 0;
    for (size_t index = 0; index < count; index += 1) {
        uint8_t byte = at[index];
        found |= (uint8_t)((byte < 0x20) | (byte == 0x7f) | (byte == '"') | (byte == '\\'));
    }
    return found != 0;
}

#if defined(__x86_64__)

/// Whether `weir_crc32c_sse42` may be called on this machine.
static inline int weir_has_sse42(void) {
    return __builtin_cpu_supports("sse4.2") != 0;
}

__attribute__((target("sse4.2")))
static inline uint32_t weir_crc32c_sse42(uint32_t state, const void *bytes, size_t count) {
    const uint8_t *at = (const uint8_t *)bytes;
    uint64_t wide = state;
    for (; count >= 8; count -= 8, at += 8) {
        uint64_t word;
        memcpy(&word, at, 8);
        wide = __builtin_ia32_crc32di(wide, word);
    }
    uint32_t narrow = (uint32_t)wide;
    for (; count > 0; count -= 1, at += 1) {
        narrow = __builtin_ia32_crc32qi(narrow, *at);
    }
    return narrow;
}

#else

static inline int weir_has_sse42(void) {
    return 0;
}

static inline uint32_t weir_crc32c_sse42(uint32_t state, const void *bytes, size_t count) {
    (void)bytes;
    (void)count;
    return state;
}

#endif

#endif
