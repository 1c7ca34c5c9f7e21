#ifndef WEIR_COPENSSL_SSL_H
#define WEIR_COPENSSL_SSL_H
// OpenSSL publishes these as macros, which Swift cannot call.
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

static inline int weir_ssl_set_versions(SSL_CTX *context, int lowest, int highest) {
    return SSL_CTX_set_min_proto_version(context, lowest) == 1 && SSL_CTX_set_max_proto_version(context, highest) == 1;
}

// One read(2) takes what is there, not first a record's header and then its body.
static inline void weir_ssl_read_ahead(SSL_CTX *context) { SSL_CTX_set_read_ahead(context, 1); }

static inline void weir_bio_clear_retry(BIO *bio) { BIO_clear_retry_flags(bio); }
static inline void weir_bio_retry_read(BIO *bio) { BIO_set_retry_read(bio); }

static inline void weir_ssl_set_server_options(SSL_CTX *context) {
    SSL_CTX_set_options(
        context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE |
            SSL_OP_PRIORITIZE_CHACHA);
}

static inline void weir_ssl_set_client_options(SSL_CTX *context) {
    SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
}

// OpenSSL declares the callback's type away.
static inline void weir_ssl_on_server_name(SSL_CTX *context, int (*callback)(SSL *, int *, void *), void *argument) {
    SSL_CTX_set_tlsext_servername_callback(context, callback);
    SSL_CTX_set_tlsext_servername_arg(context, argument);
}

static inline void weir_ssl_on_status_request(SSL_CTX *context, int (*callback)(SSL *, void *), void *argument) {
    SSL_CTX_set_tlsext_status_cb(context, callback);
    SSL_CTX_set_tlsext_status_arg(context, argument);
}

// Gives the session a copy of an OCSP response to send.
static inline int weir_ssl_staple(SSL *session, const unsigned char *response, long count) {
    unsigned char *copy = OPENSSL_memdup(response, count);
    if (copy == NULL) { return 0; }
    if (SSL_set_tlsext_status_ocsp_resp(session, copy, count) == 1) { return 1; }
    OPENSSL_free(copy);
    return 0;
}

// The parameters keep pointers to their names, which must outlive the call that makes them.
static inline int weir_mac_begin_sha256(EVP_MAC_CTX *mac, const unsigned char *key, size_t count) {
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, (void *)key, count),
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, "SHA256", 0),
        OSSL_PARAM_construct_end(),
    };
    return EVP_MAC_CTX_set_params(mac, parameters);
}

static inline int weir_ssl_set_groups(SSL_CTX *context, const char *list) {
    return SSL_CTX_set1_groups_list(context, list) == 1;
}

static inline int weir_ssl_add_chain_certificate(SSL_CTX *context, X509 *certificate) {
    return SSL_CTX_add1_chain_cert(context, certificate) == 1;
}

static inline int weir_ssl_set_server_name(SSL *session, const char *name) {
    return SSL_set_tlsext_host_name(session, name) == 1;
}

static inline int weir_ssl_error_is_unexpected_end(unsigned long code) {
    return ERR_GET_LIB(code) == ERR_LIB_SSL && ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING;
}

// Tickets carry resumed sessions; a cache in memory besides would only grow.
static inline void weir_ssl_disable_session_cache(SSL_CTX *context) {
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
}

static inline int weir_ssl_set_alpn(SSL_CTX *context, const unsigned char *wire, unsigned count) {
    return SSL_CTX_set_alpn_protos(context, wire, count) == 0;
}

static inline int weir_ssl_pem_ended(unsigned long code) {
    return ERR_GET_LIB(code) == ERR_LIB_PEM && ERR_GET_REASON(code) == PEM_R_NO_START_LINE;
}

#endif
