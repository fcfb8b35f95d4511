/* SPDX-License-Identifier: MIT
 *
 * Whether a plan fits the memory that the process may use, and if not, what would.
 */
#ifndef STYLIZE_TRANSFER_MEMORY_FIT_H
#define STYLIZE_TRANSFER_MEMORY_FIT_H

#include <stdbool.h>

#include "core/error.h"
#include "core/memory_limit.h"
#include "transfer/plan.h"

/* What the process may use besides what it has and the threads that it will start. */
memory_limit memory_fit_limit(void);

/* Whether the plan of `job` stays within the limit; if not, *err names the size that would. */
bool memory_fit_check(const plan *self, const plan_job *job, memory_limit limit, error *err);

/* The largest size of the recipe, at most MEMORY_FIT_MOST_SIZE, with which the job would fit and
 * leave MEMORY_FIT_SPARE, all else as it is; 0 when none does. *bounded: it is the content's own,
 * and a larger one is not asked for. The next run finds a little more or less of the limit left,
 * and must go through with the size that this one named. */
int memory_fit_largest_size(const plan_job *job, memory_limit limit, bool *bounded);

#define MEMORY_FIT_MOST_SIZE 65535
#define MEMORY_FIT_SPARE ((uint64_t)2 << 20) /* bytes */

#endif
