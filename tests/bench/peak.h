/* SPDX-License-Identifier: MIT
 *
 * What the processor can do at best, to compare with: multiply-adds that depend on nothing, and
 * copies of memory. Measured anew beside each group of measurements, because clocks and neighbours
 * change.
 */
#ifndef STYLIZE_BENCH_PEAK_H
#define STYLIZE_BENCH_PEAK_H

#include "simd/kernels.h"

/* Floating-point operations per second with the vectors of a kernel set, best of some runs of a few
 * milliseconds; a multiply-add counts two, also where it is two instructions. */
double peak_flops(const kernel_set *kernels, int threads);

/* Bytes read plus bytes written per second by memcpy between buffers larger than the caches. */
double peak_copy(int threads);

/* One set's loop: `rounds` times PEAK_CHAINS vectors multiplied and added. The numbers come from
 * `start` [PEAK_CHAINS + 2] and go to sink, so that nothing can be left out. */
#define PEAK_CHAINS 12
typedef void peak_loop(long rounds, const float *start, float *sink);

peak_loop peak_avx512bf16, peak_avx512, peak_avx2, peak_neon, peak_generic;

#endif
