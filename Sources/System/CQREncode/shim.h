#ifndef WEIR_CQRENCODE_SHIM_H
#define WEIR_CQRENCODE_SHIM_H
#include <qrencode.h>
#endif
