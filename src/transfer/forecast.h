/* SPDX-License-Identifier: MIT
 *
 * The memory of a transfer, foretold: what it will allocate at its peak, whether that fits what the
 * process may still use, and if not what would.
 *
 * Every floor says beside its allocations how many bytes they take; here they are added up over
 * the phases of a transfer. Blocks are written when they are made, so planned bytes are resident
 * bytes. The pictures and the network are the caller's and there already.
 */
#ifndef STYLIZE_TRANSFER_FORECAST_H
#define STYLIZE_TRANSFER_FORECAST_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"
#include "core/memory_limit.h"
#include "cost/objective.h"
#include "network/vgg.h"
#include "transfer/stylize.h"

/* What a transfer is asked to do. */
typedef struct forecast_job {
    const vgg *network;
    const cost_spec *spec;
    const stylize_params *params; /* in range */
    /* Width and height of the pictures as they come; no init: 0 x 0. */
    int content[2], style[2], init[2];
    bool content_has_alpha;
    size_t content_properties; /* bytes, image_properties_memory */
} forecast_job;

typedef struct forecast {
    int size[2], style_size[2]; /* of the result; at which the style picture is analysed */
    size_t result_bytes;        /* at the peak of the phases that do without the style picture */
    size_t style_bytes;         /* at the peak of its analysis */
    size_t bytes;               /* the greater of the two */
    size_t needed;              /* bytes and a reserve for what is not foretold */
} forecast;

/* Plans for the number of threads that is set now; allocates nothing. False with *err when a
 * picture would be too small or have too many pixels. */
bool forecast_make(forecast *self, const forecast_job *job, error *err);

/* What the process may use besides what it has and the threads that it will start. */
memory_limit forecast_limit(void);

/* Whether the forecast of `job` stays within the limit; if not, *err names the size that would. */
bool forecast_check(const forecast *self, const forecast_job *job, memory_limit limit, error *err);

/* The largest params.size, at most FORECAST_MOST_SIZE, with which the job would fit and leave
 * FORECAST_SPARE, all else as it is; 0 when none does. The next run finds a little more or less of
 * the limit left, and must go through with the size that this one named. */
int forecast_largest_size(const forecast_job *job, memory_limit limit);

#define FORECAST_MOST_SIZE 65535
#define FORECAST_SPARE ((uint64_t)2 << 20) /* bytes */

#endif
