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

// Looking for bytes of a kind, sixteen at a time. What is looked through is mostly a word or a path, so the end costs as much
// as the rest: it is looked at with a load that overlaps what has been seen instead of byte by byte.

typedef uint8_t weir_sixteen __attribute__((vector_size(16)));

static inline weir_sixteen weir_load_sixteen(const uint8_t *at) {
    weir_sixteen bytes;
    memcpy(&bytes, at, 16);
    return bytes;
}

/// The `count` bytes at `at`, fewer than sixteen and at least one, each once or more and no others.
static inline weir_sixteen weir_load_fewer(const uint8_t *at, size_t count) {
    uint64_t halves[2];
    if (count >= 8) {
        memcpy(&halves[0], at, 8);
        memcpy(&halves[1], at + count - 8, 8);
    } else {
        uint32_t first, last;
        if (count >= 4) {
            memcpy(&first, at, 4);
            memcpy(&last, at + count - 4, 4);
        } else {
            first = last = at[0] * 0x01000001u | (uint32_t)at[count / 2] << 8 | (uint32_t)at[count - 1] << 16;
        }
        halves[0] = halves[1] = first | (uint64_t)last << 32;
    }
    return weir_load_sixteen((const uint8_t *)halves);
}

static inline int weir_is_any_set(weir_sixteen lanes) {
    uint64_t halves[2];
    memcpy(halves, &lanes, 16);
    return (halves[0] | halves[1]) != 0;
}

/// Defines `name(base, count)`: whether any byte is of `kind`, a function of sixteen bytes.
#define WEIR_DEFINE_SEARCH(name, kind)                                                    \
    static inline int name(const void *base, size_t count) {                              \
        const uint8_t *at = (const uint8_t *)base;                                        \
        if (count == 0) { return 0; }                                                     \
        if (count < 16) { return weir_is_any_set(kind(weir_load_fewer(at, count))); }     \
        weir_sixteen found = kind(weir_load_sixteen(at + count - 16));                    \
        for (; count > 16; at += 16, count -= 16) { found |= kind(weir_load_sixteen(at)); } \
        return weir_is_any_set(found);                                                    \
    }

static inline weir_sixteen weir_control(weir_sixteen b) {
    return (weir_sixteen)(((b < 0x20) & (b != 0x09)) | (b == 0x7f));
}

static inline weir_sixteen weir_json_escapable(weir_sixteen b) {
    return (weir_sixteen)((b < 0x20) | (b == 0x7f) | (b == '"') | (b == '\\'));
}

static inline weir_sixteen weir_json_unsafe(weir_sixteen b) {
    return (weir_sixteen)((b < 0x20) | (b > 0x7e) | (b == '"') | (b == '\\'));
}

static inline weir_sixteen weir_blank_or_json_escapable(weir_sixteen b) {
    return (weir_sixteen)((b <= 0x20) | (b == 0x7f) | (b == '"') | (b == '\\'));
}

static inline weir_sixteen weir_no_target(weir_sixteen b) {
    return (weir_sixteen)((b < 0x21) | (b > 0x7e) | (b == '#'));
}

static inline weir_sixteen weir_no_plain_path(weir_sixteen b) {
    return (weir_sixteen)((b < 0x21) | (b > 0x7e) | (b == '%') | (b == '\\') | (b == '?') | (b == '#') | (b == '"')
                          | (b == '<') | (b == '>') | (b == '^') | (b == '`') | (b == '{') | (b == '|') | (b == '}'));
}

static inline weir_sixteen weir_no_host(weir_sixteen b) {
    weir_sixteen lower = b | 0x20;
    return (weir_sixteen)(((lower < 'a') | (lower > 'z')) & ((b < '0') | (b > '9')) & (b != '-') & (b != '.') & (b != '_')
                          & (b != '~'));
}

WEIR_DEFINE_SEARCH(weir_has_control_short, weir_control)
WEIR_DEFINE_SEARCH(weir_has_no_host, weir_no_host)
WEIR_DEFINE_SEARCH(weir_has_json_escapable, weir_json_escapable)
WEIR_DEFINE_SEARCH(weir_has_json_unsafe, weir_json_unsafe)
WEIR_DEFINE_SEARCH(weir_has_blank_or_json_escapable, weir_blank_or_json_escapable)
WEIR_DEFINE_SEARCH(weir_has_no_target, weir_no_target)
WEIR_DEFINE_SEARCH(weir_has_no_plain_path, weir_no_plain_path)

static inline weir_sixteen weir_nothing(weir_sixteen b) {
    (void)b;
    return (weir_sixteen){0};
}

/// What CloudFront's standard log percent-encodes, `%` as well: controls, the space, what lies beyond `z`, and
/// `" # % ' < > [ \ ] ^` and the backtick, some of which differ in one bit only.
static inline weir_sixteen weir_standard_log_unsafe(weir_sixteen b) {
    return (weir_sixteen)((b < 0x21) | (b > 0x7a) | ((b - 0x5b) < 4) | (b == '`') | ((b | 1) == '#') | ((b | 2) == '\'')
                          | ((b | 2) == '>'));
}

/// The same without `%`.
static inline weir_sixteen weir_standard_log_unsafe_in_address(weir_sixteen b) {
    return (weir_sixteen)(weir_standard_log_unsafe(b) & (b != '%'));
}

/// Copies fewer than sixteen bytes, at least one: four stores for any count, without a call.
static inline void weir_copy_fewer(uint8_t *to, const uint8_t *at, size_t count) {
    if (count >= 8) {
        uint64_t first, last;
        memcpy(&first, at, 8);
        memcpy(&last, at + count - 8, 8);
        memcpy(to, &first, 8);
        memcpy(to + count - 8, &last, 8);
    } else if (count >= 4) {
        uint32_t first, last;
        memcpy(&first, at, 4);
        memcpy(&last, at + count - 4, 4);
        memcpy(to, &first, 4);
        memcpy(to + count - 4, &last, 4);
    } else {
        uint8_t first = at[0], middle = at[count / 2], last = at[count - 1];
        to[0] = first;
        to[count / 2] = middle;
        to[count - 1] = last;
    }
}

/// Defines `name(to, base, count)`: copies, sixteen at a time, and says whether any byte is of `kind`.
#define WEIR_DEFINE_COPY(name, kind)                                                      \
    static inline int name(void *to, const void *base, size_t count) {                    \
        const uint8_t *at = (const uint8_t *)base;                                        \
        uint8_t *out = (uint8_t *)to;                                                     \
        if (count == 0) { return 0; }                                                     \
        if (count < 16) {                                                                 \
            weir_copy_fewer(out, at, count);                                              \
            return weir_is_any_set(kind(weir_load_fewer(at, count)));                     \
        }                                                                                 \
        weir_sixteen bytes = weir_load_sixteen(at + count - 16), found = kind(bytes);     \
        memcpy(out + count - 16, &bytes, 16);                                             \
        for (; count > 16; at += 16, out += 16, count -= 16) {                            \
            bytes = weir_load_sixteen(at);                                                \
            memcpy(out, &bytes, 16);                                                      \
            found |= kind(bytes);                                                         \
        }                                                                                 \
        return weir_is_any_set(found);                                                    \
    }

/// Whether `count` bytes are the same at both places, without a call: for texts of some dozens of bytes.
static inline int weir_is_equal_short(const void *first, const void *second, size_t count) {
    const uint8_t *a = (const uint8_t *)first, *b = (const uint8_t *)second;
    if (count == 0) { return 1; }
    if (count < 16) { return !weir_is_any_set(weir_load_fewer(a, count) ^ weir_load_fewer(b, count)); }
    weir_sixteen different = weir_load_sixteen(a + count - 16) ^ weir_load_sixteen(b + count - 16);
    for (; count > 16; a += 16, b += 16, count -= 16) { different |= weir_load_sixteen(a) ^ weir_load_sixteen(b); }
    return !weir_is_any_set(different);
}

/// Offset of the first line behind the one at `from` whose first eight bytes are `word` but for the case of letters, -1 if there
/// is none of at least sixteen bytes, those of the lines behind it included.
static inline ptrdiff_t weir_next_line(const void *base, size_t count, size_t from, uint64_t word) {
    const uint8_t *at = (const uint8_t *)base + from, *end = (const uint8_t *)base + count;
    while ((at = (const uint8_t *)memchr(at, '\n', (size_t)(end - at)))) {
        at += 1;
        if (end - at < 16) { return -1; }
        uint64_t start;
        memcpy(&start, at, 8);
        if ((start | 0x2020202020202020u) == word) { return at - (const uint8_t *)base; }
    }
    return -1;
}

WEIR_DEFINE_COPY(weir_copy_short, weir_nothing)
WEIR_DEFINE_COPY(weir_copy_json, weir_json_unsafe)
WEIR_DEFINE_COPY(weir_copy_standard_log, weir_standard_log_unsafe)
WEIR_DEFINE_COPY(weir_copy_standard_log_address, weir_standard_log_unsafe_in_address)

#if defined(__x86_64__)

typedef uint8_t weir_thirty_two __attribute__((vector_size(32)));

/// The same as `weir_has_control_short`, twice as wide; of at least 32 bytes.
__attribute__((target("avx2")))
static inline int weir_has_control_avx2(const uint8_t *at, size_t count) {
    weir_thirty_two b, found = {0};
    const uint8_t *last = at + count - 32;
    for (;; at = at + 32 < last ? at + 32 : last) {
        memcpy(&b, at, 32);
        found |= (weir_thirty_two)(((b < 0x20) & (b != 0x09)) | (b == 0x7f));
        if (at == last) { break; }
    }
    uint64_t quarters[4];
    memcpy(quarters, &found, 32);
    return (quarters[0] | quarters[1] | quarters[2] | quarters[3]) != 0;
}

/// A `Cookie` field with a signature is long enough for the difference to count.
static inline int weir_has_control(const void *base, size_t count) {
    if (count >= 128 && __builtin_cpu_supports("avx2")) { return weir_has_control_avx2((const uint8_t *)base, count); }
    return weir_has_control_short(base, count);
}

#else

static inline int weir_has_control(const void *base, size_t count) { return weir_has_control_short(base, count); }

#endif

static inline weir_sixteen weir_slash_before(weir_sixteen b, weir_sixteen next) {
    return (weir_sixteen)((b == '/') & ((next == '/') | (next == '.')));
}

/// Whether a slash is followed by another one or by a dot.
static inline int weir_has_slash_before_slash_or_dot(const void *base, size_t count) {
    const uint8_t *at = (const uint8_t *)base;
    if (count < 2) { return 0; }
    count -= 1;
    if (count < 16) {
        return weir_is_any_set(weir_slash_before(weir_load_fewer(at, count), weir_load_fewer(at + 1, count)));
    }
    const uint8_t *last = at + count - 16;
    weir_sixteen found = weir_slash_before(weir_load_sixteen(last), weir_load_sixteen(last + 1));
    for (; count > 16; at += 16, count -= 16) {
        found |= weir_slash_before(weir_load_sixteen(at), weir_load_sixteen(at + 1));
    }
    return weir_is_any_set(found);
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
