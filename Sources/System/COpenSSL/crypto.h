#ifndef WEIR_COPENSSL_CRYPTO_H
#define WEIR_COPENSSL_CRYPTO_H
#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

/* EVP_RSA_gen and EVP_EC_gen are variadic macros. */
static inline EVP_PKEY *weir_rsa_generate(unsigned int bits) { return EVP_RSA_gen(bits); }
static inline EVP_PKEY *weir_p256_generate(void) { return EVP_EC_gen("P-256"); }

/* BIO_get_mem_data is a macro over BIO_ctrl. */
static inline long weir_bio_memory(BIO *bio, char **data) { return BIO_get_mem_data(bio, data); }

/* Refuses a passphrase, so that an encrypted key is an error and never a prompt on the terminal. */
static inline int weir_no_passphrase(char *buffer, int size, int writing, void *context) {
    (void)buffer; (void)size; (void)writing; (void)context;
    return -1;
}
static inline EVP_PKEY *weir_read_private_key(BIO *bio) {
    return PEM_read_bio_PrivateKey(bio, NULL, weir_no_passphrase, NULL);
}
static inline EVP_PKEY *weir_read_public_key(BIO *bio) {
    return PEM_read_bio_PUBKEY(bio, NULL, weir_no_passphrase, NULL);
}

/* EVP_CTRL_AEAD_* go through a variadic-style control call with a void pointer. */
static inline int weir_gcm_get_tag(EVP_CIPHER_CTX *context, unsigned char *tag) {
    return EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, 16, tag);
}
static inline int weir_gcm_set_tag(EVP_CIPHER_CTX *context, const unsigned char *tag) {
    return EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, 16, (void *)tag);
}

/* X509V3_set_ctx_nodb is a macro. Adds one extension written in the configuration syntax of x509v3_config(5). */
static inline int weir_add_extension(X509 *certificate, int nid, const char *value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    if (extension == NULL) { return 0; }
    int added = X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
    return added;
}
#endif
