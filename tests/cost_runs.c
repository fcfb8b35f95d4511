/* SPDX-License-Identifier: MIT */
#include "cost_runs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

cost_term *spec_add(cost_spec *spec, cost_kind kind, int layer, double weight) {
    assert_in_range(spec->count, 0, COST_MOST_TERMS - 1);
    cost_term *term = &spec->terms[spec->count++];
    *term = (cost_term){.kind = kind, .layer = layer, .weight = weight};
    return term;
}

void spec_add_smoothness(cost_spec *spec, double factor) {
    spec_add(spec, COST_SMOOTHNESS, COST_PICTURE, 1);
    spec->factors[COST_SMOOTHNESS] = factor;
}

layout targets_make(const vgg *network, pooling mode, cost_target *targets, int count,
                    cost_picture picture) {
    layout memory;
    error err;
    if (!analysis_make(network, mode, targets, count, picture.planes, picture.height, picture.width,
                       &memory, &err))
        fail_msg("%s", err.text);
    return memory;
}

/* Targets of one kind, from number `count` on. Returns the number of the next. */
static int add_targets(cost_run *self, cost_kind kind, int count) {
    for (int i = 0; i < self->spec.count; i++) {
        cost_term *term = &self->spec.terms[i];
        if (term->kind != kind || term->target)
            continue;
        self->targets[count] = (cost_target){.kind = kind, .layer = term->layer};
        term->target = &self->targets[count++];
    }
    return count;
}

void cost_run_open(cost_run *self, const vgg *network, const cost_spec *spec, cost_picture content,
                   cost_picture style) {
    error err;
    *self = (cost_run){.spec = *spec};
    const int contents = add_targets(self, COST_CONTENT, 0);
    int all = contents;
    for (int kind = COST_GRAM; kind < COST_SMOOTHNESS; kind++)
        all = add_targets(self, (cost_kind)kind, all);
    self->content = targets_make(network, spec->pooling, self->targets, contents, content);
    self->style =
        targets_make(network, spec->pooling, self->targets + contents, all - contents, style);
    if (!objective_make(&self->objective, network, &self->spec, content.height, content.width,
                        &self->memory, &err))
        fail_msg("%s", err.text);
}

void cost_run_close(cost_run *self) {
    layout_free(&self->memory);
    layout_free(&self->style);
    layout_free(&self->content);
}
