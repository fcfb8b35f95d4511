/* SPDX-License-Identifier: MIT
 *
 * The public API: the library's version, and the machine that it runs on.
 */
#include "core/cpu.h"
#include "core/memory.h"
#include "simd/kernels.h"
#include "transfer/stylize.h"

#define TEXT_OF(number) #number
#define TEXT(number) TEXT_OF(number)

_Static_assert(sizeof STYLIZE_VERSION == sizeof TEXT(STYLIZE_VERSION_MAJOR) "." TEXT(
                                             STYLIZE_VERSION_MINOR) "." TEXT(STYLIZE_VERSION_PATCH),
               "the version stands there twice");

const char *stylize_version(void) {
    return STYLIZE_VERSION;
}

const char *stylize_instruction_set(void) {
    return kernels_best_of(PRECISION_BF16)->name; /* whose fp32 set is the best one, too */
}

const char *stylize_instruction_set_at(int index, bool *supported) {
    const kernel_set *self = kernels_of(PRECISION_BF16, index);
    if (supported)
        *supported = self && kernels_supported(self);
    return self ? self->name : NULL;
}

bool stylize_bf16_products(void) {
    return kernels_best_of(PRECISION_BF16)->bf16_products;
}

int stylize_thread_count(int wanted) {
    const int before = cpu_use_threads(wanted);
    return cpu_set_threads(before);
}

uint64_t stylize_memory_peak(void) {
    return memory_peak_resident();
}
