#ifndef WEIR_CSQLITE_SHIM_H
#define WEIR_CSQLITE_SHIM_H
#include <sqlite3.h>
#endif
