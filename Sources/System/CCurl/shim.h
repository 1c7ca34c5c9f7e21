#ifndef WEIR_CCURL_SHIM_H
#define WEIR_CCURL_SHIM_H
#include <curl/curl.h>

// Variadic, and by a macro of its own with compilers that check types.
typedef size_t (*weir_curl_callback)(char *bytes, size_t size, size_t count, void *context);
static inline CURLcode weir_curl_set_number(CURL *handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}
static inline CURLcode weir_curl_set_text(CURL *handle, CURLoption option, const char *value) {
    return curl_easy_setopt(handle, option, value);
}
static inline CURLcode weir_curl_set_pointer(CURL *handle, CURLoption option, void *value) {
    return curl_easy_setopt(handle, option, value);
}
static inline CURLcode weir_curl_set_callback(CURL *handle, CURLoption option, weir_curl_callback value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode weir_curl_get_number(CURL *handle, CURLINFO info, long *value) {
    return curl_easy_getinfo(handle, info, value);
}

// The flags are a macro of expressions.
static inline CURLcode weir_curl_prepare(void) { return curl_global_init(CURL_GLOBAL_DEFAULT); }
#endif
