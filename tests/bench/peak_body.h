/* SPDX-License-Identifier: MIT
 *
 * The loop of peak.h, compiled once for each instruction set: a file defines PEAK_LOOP, its name,
 * and PEAK_LANES, or PEAK_STEP as well, and includes this. Contraction makes each a * b + c one
 * instruction where the set has it. Twelve chains hide the latency of all processors that we know
 * of and fit 16 registers.
 */
#include "peak.h"

#if defined(__clang__)
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 12")
#endif

typedef float vf __attribute__((vector_size(PEAK_LANES * 4)));

#ifndef PEAK_STEP
#define PEAK_STEP(chain, factor, term) ((chain) * (factor) + (term))
#endif

static inline vf spread(float value) {
    vf v;
    for (int i = 0; i < PEAK_LANES; i++)
        v[i] = value;
    return v;
}

void PEAK_LOOP(long rounds, const float *start, float *sink) {
    vf chains[PEAK_CHAINS], sum = spread(0);
    const vf factor = spread(start[PEAK_CHAINS]), term = spread(start[PEAK_CHAINS + 1]);
    UNROLL
    for (int i = 0; i < PEAK_CHAINS; i++)
        chains[i] = spread(start[i]);
    for (long round = 0; round < rounds; round++) {
        UNROLL
        for (int i = 0; i < PEAK_CHAINS; i++)
            chains[i] = PEAK_STEP(chains[i], factor, term);
    }
    UNROLL
    for (int i = 0; i < PEAK_CHAINS; i++)
        sum += chains[i];
    for (int i = 0; i < PEAK_LANES; i++)
        *sink += sum[i];
}
