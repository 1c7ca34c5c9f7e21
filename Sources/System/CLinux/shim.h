#ifndef WEIR_CLINUX_SHIM_H
#define WEIR_CLINUX_SHIM_H

#endif
