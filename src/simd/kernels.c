/* SPDX-License-Identifier: MIT */
#include "simd/kernels.h"

#include <stdlib.h>
#include <string.h>

#include "core/cpu.h"

#define KERNELS(symbol, name) extern const kernel_set symbol;
#define KERNELS_BF16 KERNELS
#include "simd/kernels.def"
#undef KERNELS
#undef KERNELS_BF16

#define KERNELS(symbol, name) &symbol,
#define KERNELS_BF16(symbol, name)
static const kernel_set *const single[] = {
#include "simd/kernels.def"
    NULL};
#undef KERNELS
#undef KERNELS_BF16

#define KERNELS(symbol, name)
#define KERNELS_BF16(symbol, name) &symbol,
static const kernel_set *const bf16[] = {
#include "simd/kernels.def"
    NULL};
#undef KERNELS
#undef KERNELS_BF16

const kernel_set *kernels_of(precision which, int index) {
    const kernel_set *const *set = which == PRECISION_BF16 ? bf16 : single;
    for (int i = 0; i < index && *set; i++)
        set++;
    return index >= 0 ? *set : NULL;
}

const kernel_set *kernels_at(int index) {
    return kernels_of(PRECISION_FP32, index);
}

bool kernels_supported(const kernel_set *self) {
    return (cpu_features() & self->cpu) == self->cpu;
}

const kernel_set *kernels_best_of(precision which) {
    const char *wanted = getenv("STYLIZE_ISA");
    const kernel_set *best = NULL, *candidate;
    for (int i = 0; (candidate = kernels_of(which, i)); i++) {
        if (!kernels_supported(candidate))
            continue;
        if (wanted && !strcmp(wanted, candidate->name))
            return candidate;
        if (!best)
            best = candidate;
    }
    return best;
}

const kernel_set *kernels_best(void) {
    return kernels_best_of(PRECISION_FP32);
}

#define KERNELS(symbol, name)
#define KERNELS_BF16(symbol, name) " " name
static const char compiled[] =
#include "simd/kernels.def"
    ;
#undef KERNELS
#undef KERNELS_BF16

const char *kernels_compiled(void) {
    return compiled + 1;
}
