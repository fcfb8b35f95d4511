/* SPDX-License-Identifier: MIT */
#include "simd/kernels.h"

#include <stdlib.h>
#include <string.h>

#include "core/cpu.h"

#define KERNELS(symbol, name) extern const kernel_set symbol;
#include "simd/kernels.def"
#undef KERNELS

static const kernel_set *const registry[] = {
#define KERNELS(symbol, name) &symbol,
#include "simd/kernels.def"
#undef KERNELS
};

static const char compiled[] =
#define KERNELS(symbol, name) " " name
#include "simd/kernels.def"
#undef KERNELS
    ;

const kernel_set *kernels_at(int index) {
    const int count = (int)(sizeof registry / sizeof *registry);
    return index >= 0 && index < count ? registry[index] : NULL;
}

bool kernels_supported(const kernel_set *self) {
    return (cpu_features() & self->cpu) == self->cpu;
}

const kernel_set *kernels_best(void) {
    const char *wanted = getenv("STYLIZE_ISA");
    const kernel_set *best = NULL;
    for (int i = 0; kernels_at(i); i++) {
        const kernel_set *candidate = kernels_at(i);
        if (!kernels_supported(candidate))
            continue;
        if (wanted && !strcmp(wanted, candidate->name))
            return candidate;
        if (!best)
            best = candidate;
    }
    return best;
}

const kernel_set *kernels_best_of(precision precision) {
    (void)precision;
    return kernels_best();
}

const char *kernels_compiled(void) {
    return compiled + 1;
}
