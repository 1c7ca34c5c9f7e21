#ifndef WEIR_CARGON2_SHIM_H
#define WEIR_CARGON2_SHIM_H
#include <argon2.h>
#endif
