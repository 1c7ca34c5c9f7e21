#ifndef WEIR_COPENSSL_OCSP_H
#define WEIR_COPENSSL_OCSP_H
// Certificates' names and times and OCSP responses: OpenSSL's typed stacks are macros, which Swift cannot call.
#include <openssl/ocsp.h>
#include <openssl/x509v3.h>
#include <time.h>

// Calls `each` with every DNS name of the certificate's subjectAltName.
static inline void weir_x509_dns_names(
    X509 *certificate, void (*each)(void *context, const unsigned char *name, int count), void *context
) {
    GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    for (int index = 0; index < sk_GENERAL_NAME_num(names); index++) {
        GENERAL_NAME *name = sk_GENERAL_NAME_value(names, index);
        if (name->type != GEN_DNS) { continue; }
        each(context, ASN1_STRING_get0_data(name->d.dNSName), ASN1_STRING_length(name->d.dNSName));
    }
    GENERAL_NAMES_free(names);
}

// Seconds since 1970, -1 for what is no time.
static inline long long weir_asn1_seconds(const ASN1_TIME *time) {
    struct tm parts;
    return time != NULL && ASN1_TIME_to_tm(time, &parts) == 1 ? (long long)timegm(&parts) : -1;
}

enum weir_ocsp_outcome {
    weir_ocsp_good,
    weir_ocsp_malformed,
    weir_ocsp_unsuccessful,
    weir_ocsp_unsigned,
    weir_ocsp_foreign,
    weir_ocsp_not_good,
};

// Whether `response` says, signed by the issuer or by a responder of its, that the certificate is good; and until when.
static inline int weir_ocsp_check_basic(
    OCSP_BASICRESP *response, X509 *certificate, X509 *issuer, long long *this_update, long long *next_update
) {
    X509_STORE *store = X509_STORE_new();
    STACK_OF(X509) *issuers = sk_X509_new_null();
    OCSP_CERTID *id = OCSP_cert_to_id(NULL, certificate, issuer);
    int outcome = weir_ocsp_unsigned;
    int status = -1, reason = 0;
    ASN1_GENERALIZEDTIME *revoked = NULL, *this_time = NULL, *next_time = NULL;
    if (store == NULL || issuers == NULL || id == NULL) { goto end; }
    X509_STORE_add_cert(store, issuer);
    X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
    sk_X509_push(issuers, issuer);
    if (OCSP_basic_verify(response, issuers, store, OCSP_TRUSTOTHER) != 1) { goto end; }
    outcome = weir_ocsp_foreign;
    if (OCSP_resp_find_status(response, id, &status, &reason, &revoked, &this_time, &next_time) != 1) { goto end; }
    outcome = status == V_OCSP_CERTSTATUS_GOOD ? weir_ocsp_good : weir_ocsp_not_good;
    *this_update = weir_asn1_seconds(this_time);
    *next_update = weir_asn1_seconds(next_time);
end:
    OCSP_CERTID_free(id);
    sk_X509_free(issuers);
    X509_STORE_free(store);
    return outcome;
}

static inline int weir_ocsp_check(
    const unsigned char *der, long count, X509 *certificate, X509 *issuer, long long *this_update, long long *next_update
) {
    OCSP_RESPONSE *response = d2i_OCSP_RESPONSE(NULL, &der, count);
    if (response == NULL) { return weir_ocsp_malformed; }
    int outcome = weir_ocsp_unsuccessful;
    if (OCSP_response_status(response) == OCSP_RESPONSE_STATUS_SUCCESSFUL) {
        OCSP_BASICRESP *basic = OCSP_response_get1_basic(response);
        outcome = basic == NULL
            ? weir_ocsp_malformed : weir_ocsp_check_basic(basic, certificate, issuer, this_update, next_update);
        OCSP_BASICRESP_free(basic);
    }
    OCSP_RESPONSE_free(response);
    return outcome;
}

#endif
