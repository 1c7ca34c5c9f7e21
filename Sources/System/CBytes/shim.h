#ifndef WEIR_CBYTES_SHIM_H
#define WEIR_CBYTES_SHIM_H

#endif
