#ifndef WEIR_COPENSSL_SSL_H
#define WEIR_COPENSSL_SSL_H
// OpenSSL publishes these as macros, which Swift cannot call.
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

static inline int weir_ssl_set_groups(SSL_CTX *context, const char *list) {
    return SSL_CTX_set1_groups_list(context, list) == 1;
}

static inline int weir_ssl_add_chain_certificate(SSL_CTX *context, X509 *certificate) {
    return SSL_CTX_add0_chain_cert(context, certificate) == 1;
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
