#ifndef WEIR_CBROTLI_SHIM_H
#define WEIR_CBROTLI_SHIM_H
#include <brotli/decode.h>
#include <brotli/encode.h>
#endif
