#ifndef WEIR_CEBUR128_SHIM_H
#define WEIR_CEBUR128_SHIM_H
#include <ebur128.h>
#endif
