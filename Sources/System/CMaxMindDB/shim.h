#ifndef WEIR_CMAXMINDDB_SHIM_H
#define WEIR_CMAXMINDDB_SHIM_H
#include <linux/memfd.h>
#include <maxminddb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

// A file without a name, for the library opens files only.
static inline int weir_mmdb_memory_file(void) { return (int)syscall(SYS_memfd_create, "countries", MFD_CLOEXEC); }

// The entry of an address of 4 or 16 bytes in network order; 0 if there is none.
static inline int weir_mmdb_find(const MMDB_s *database, const unsigned char *address, size_t count, MMDB_entry_s *entry) {
    struct sockaddr_storage storage;
    memset(&storage, 0, sizeof storage);
    if (count == 4) {
        struct sockaddr_in *ipv4 = (struct sockaddr_in *)&storage;
        ipv4->sin_family = AF_INET;
        memcpy(&ipv4->sin_addr, address, 4);
    } else if (count == 16) {
        struct sockaddr_in6 *ipv6 = (struct sockaddr_in6 *)&storage;
        ipv6->sin6_family = AF_INET6;
        memcpy(&ipv6->sin6_addr, address, 16);
    } else {
        return 0;
    }
    int failure = MMDB_SUCCESS;
    MMDB_lookup_result_s found = MMDB_lookup_sockaddr(database, (const struct sockaddr *)&storage, &failure);
    if (failure != MMDB_SUCCESS || !found.found_entry) return 0;
    *entry = found.entry;
    return 1;
}

// The text of two characters at `outer`, and `inner` within it if that is not null; 0 if there is none.
static inline int weir_mmdb_code(MMDB_entry_s *entry, const char *outer, const char *inner, unsigned char code[2]) {
    const char *const path[] = {outer, inner, NULL};
    MMDB_entry_data_s value;
    if (MMDB_aget_value(entry, &value, path) != MMDB_SUCCESS || !value.has_data) return 0;
    if (value.type != MMDB_DATA_TYPE_UTF8_STRING || value.data_size != 2) return 0;
    memcpy(code, value.utf8_string, 2);
    return 1;
}
#endif
