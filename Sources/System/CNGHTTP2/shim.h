#ifndef WEIR_CNGHTTP2_SHIM_H
#define WEIR_CNGHTTP2_SHIM_H

#include <nghttp2/nghttp2.h>
#include <string.h>

/// One field of a response. Name and value stay the caller's until the frame is sent; the name is in lower case already.
/// `is_volatile` keeps a value that never comes back out of the table both sides remember.
static inline void weir_nghttp2_field(
    nghttp2_nv *field, const void *name, size_t name_count, const void *value, size_t value_count, int is_volatile) {
    field->name = (uint8_t *)name;
    field->namelen = name_count;
    field->value = (uint8_t *)value;
    field->valuelen = value_count;
    field->flags = NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE
        | (is_volatile ? NGHTTP2_NV_FLAG_NO_INDEX : NGHTTP2_NV_FLAG_NONE);
}

/// Answers a request; with `read` a body follows, whose bytes it announces for `source`.
static inline int weir_nghttp2_respond(
    nghttp2_session *session, int32_t stream, const nghttp2_nv *fields, size_t count,
    nghttp2_data_source_read_callback read, void *source) {
    nghttp2_data_provider provider;
    memset(&provider, 0, sizeof provider);
    provider.source.ptr = source;
    provider.read_callback = read;
    return nghttp2_submit_response(session, stream, fields, count, read ? &provider : NULL);
}

#endif
