#ifndef WEIR_CEXPAT_SHIM_H
#define WEIR_CEXPAT_SHIM_H
#include <expat.h>
#endif
