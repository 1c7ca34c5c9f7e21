#ifndef WEIR_CFUZZER_H
#define WEIR_CFUZZER_H

#include <stddef.h>
#include <stdint.h>

/// One run over one input; returns 0, traps to report a finding.
typedef int (*weir_fuzz_target)(const uint8_t *bytes, size_t count);

/// libFuzzer's driver, for programs that have a main of their own.
int LLVMFuzzerRunDriver(int *argc, char ***argv, weir_fuzz_target target);

#endif
