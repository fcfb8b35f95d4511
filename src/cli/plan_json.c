/* SPDX-License-Identifier: MIT */
#include "cli/plan_json.h"

#include <stdio.h>

#include "cli/run_json.h"
#include "core/json_text.h"

enum { DIGITS = 6 /* of seconds and shares, which are known no better */ };

/* What is negative is not known. */
static json_t *seconds(double value) {
    return value < 0 ? json_null() : json_real(value);
}

static json_t *text_or_null(const char *text) {
    return text ? run_json_string(text) : json_null();
}

/* Adds to an array that may be NULL, as it is afterwards when memory was short. */
static void append(json_t **array, json_t *item) {
    if (*array && json_array_append_new(*array, item) == 0)
        return;
    json_decref(*array);
    *array = NULL;
}

static json_t *style_sizes(const stylize_stage *stage) {
    json_t *array = json_array();
    const int *size = stage->style_sizes;
    for (int i = 0; i < stage->style_count; i++, size += 2)
        append(&array, run_json_size(size[0], size[1]));
    return array;
}

static json_t *stages_of(const stylize_plan *plan, const networks *nets) {
    json_t *array = json_array();
    for (int i = 0; i < plan->stage_count; i++) {
        const stylize_stage *stage = plan->stages[i];
        append(&array, json_pack("{s:i, s:o, s:o, s:i, s:o, s:s, s:I, s:o}", "stage", i + 1, "size",
                                 run_json_size(stage->width, stage->height), "style_sizes",
                                 style_sizes(stage), "iterations", stage->iterations, "weights",
                                 run_json_string(nets->paths[stage->network]), "precision",
                                 stylize_network_precision(nets->loaded[stage->network]), "bytes",
                                 (json_int_t)stage->bytes, "seconds", seconds(stage->seconds)));
    }
    return array;
}

static json_t *regions_of(const stylize_plan *plan) {
    json_t *array = json_array();
    for (int i = 0; i < plan->region_count; i++) {
        const stylize_region *region = plan->regions[i];
        char color[8];
        snprintf(color, sizeof color, "#%02x%02x%02x", region->red, region->green, region->blue);
        append(&array, json_pack("{s:s, s:f}", "color", color, "share", region->share));
    }
    return array;
}

/* The members that say whether it fits into memory, and what would. */
static json_t *memory_of(const stylize_plan *plan, const job *work) {
    const bool fits = plan->refusal.status == STYLIZE_OK;
    return json_pack("{s:b, s:o, s:I, s:I, s:o, s:o, s:i, s:b, s:b, s:o}", "fits", fits, "refusal",
                     text_or_null(fits ? NULL : plan->refusal.text), "peak_bytes",
                     (json_int_t)plan->peak, "needed_bytes", (json_int_t)plan->needed,
                     "available_bytes",
                     plan->limit ? json_integer((json_int_t)plan->available) : json_null(), "limit",
                     text_or_null(plan->limit), "largest_size", plan->largest_size,
                     "content_bounds_size", plan->content_bounds, "larger_in_bf16",
                     job_may_halve(work), "larger_with", text_or_null(job_may_lighten(work)));
}

char *plan_json_write(const stylize_plan *plan, const job *work, stylize_error *err) {
    const networks *nets = &work->networks;
    json_t *object =
        json_pack("{s:s, s:o, s:o, s:i, s:o, s:i, s:s, s:s, s:o, s:o}", "version",
                  stylize_version(), "size", run_json_size(plan->width, plan->height),
                  "style_sizes", style_sizes(plan->stages[plan->stage_count - 1]), "iterations",
                  plan->iterations, "seconds", seconds(plan->seconds), "threads", work->threads,
                  "instruction_set", stylize_instruction_set(), "precision",
                  stylize_network_precision(nets->loaded[nets->count - 1]), "stages",
                  stages_of(plan, nets), "regions", regions_of(plan));
    json_t *memory = memory_of(plan, work);
    char *text = object && memory && json_object_update(object, memory) == 0
                     ? json_text_dump(object, JSON_REAL_PRECISION(DIGITS))
                     : NULL;
    json_decref(memory);
    json_decref(object);
    if (!text)
        stylize_error_set(err, STYLIZE_FAILURE, "out of memory");
    return text;
}
