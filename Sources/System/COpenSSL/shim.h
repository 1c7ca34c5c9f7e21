#ifndef WEIR_COPENSSL_SHIM_H
#define WEIR_COPENSSL_SHIM_H
#include "ssl.h"
#include "ocsp.h"
#include <openssl/evp.h>
#include <openssl/err.h>
#include "crypto.h"
#endif
