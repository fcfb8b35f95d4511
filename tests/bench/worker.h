/* SPDX-License-Identifier: MIT
 *
 * A process of its own for one size, network, precision, set and number of threads, so that its
 * peak of memory is its own. It first prints a line of JSON that says what it is; then, for each
 * number that it reads on a line of its own, does so many units of work and prints how many seconds
 * each took; and at the end of its input prints what the whole took. torch_worker.py speaks the
 * same.
 *
 * The first line has the cost and the norm of its gradient at the start, and whether the processor
 * multiplies bf16. The cost: style at relu1_1, relu2_1, relu3_1, relu4_1 and relu5_1 with weights
 * of 1/5, content at relu4_2, alpha 1, beta 300, and nothing else; with maximum pooling.
 *
 * Modes:
 *     eval        a unit is one cost and gradient (objective_eval)
 *     transfer    one iteration of a session of one stage with L-BFGS, history 10
 *     optimiser   one such iteration on a function that costs next to nothing, without that
 *     virtual-... eval or optimiser with virtual threads (virtual_threads.h), and at the end what
 *                 they told
 */
#ifndef STYLIZE_BENCH_WORKER_H
#define STYLIZE_BENCH_WORKER_H

#include "simd/kernels.h"

/* Works until the end of the input; returns the exit status. */
int worker_main(const char *mode, const char *weights, int size, int threads, precision which);

#endif
