/* SPDX-License-Identifier: MIT */
#include "cost/analysis.h"

#include <assert.h>

bool analysis_prepare(analysis *self, const vgg *network, pooling mode, cost_target *targets,
                      int count, int height, int width, error *err) {
    bool wanted[VGG_MAX_LAYERS] = {false};
    assert(count >= 0 && count <= COST_MOST_TERMS);
    *self = (analysis){.targets = targets, .count = count};
    for (int i = 0; i < count; i++)
        wanted[targets[i].layer] = true;
    if (count && !vgg_run_prepare(&self->run, network, mode, height, width, wanted, false, err))
        return false;
    for (int i = 0; i < count; i++) {
        cost_target *target = &targets[i];
        cost_work *work = &self->works[i];
        *work = cost_work_at(network, &self->run.plan, target->kind, target->layer, target->mask);
        target->channels = work->channels;
        target->height = work->height;
        target->width = work->width;
        target->value_bytes = kernels_activation_bytes(network->kernels);
    }
    return true;
}

void analysis_layout(analysis *self, layout *to) {
    if (self->count)
        vgg_run_layout(&self->run, to);
    for (int i = 0; i < self->count; i++)
        cost_kind_at(self->works[i].kind)->layout(&self->works[i], to);
}

static void observe(void *user, int layer, int y, const tensor *rows) {
    const analysis *self = user;
    for (int i = 0; i < self->count; i++) {
        const cost_work *work = &self->works[i];
        if (work->layer == layer)
            cost_kind_at(work->kind)->learn(work, &self->targets[i], y, rows);
    }
}

void analysis_run(analysis *self, const float *planes) {
    const vgg_visitor visitor = {.observe = observe, .user = self};
    if (!self->count)
        return;
    vgg_run_forward(&self->run, planes, &visitor);
#pragma omp parallel
    for (int i = 0; i < self->count; i++) {
        const cost_kind_row *kind = cost_kind_at(self->works[i].kind);
        if (kind->learnt)
            kind->learnt(&self->works[i], &self->targets[i]);
    }
}

static void walk_targets(void *part, layout *to) {
    const analysis *self = part;
    for (int i = 0; i < self->count; i++)
        cost_target_layout(&self->targets[i], to);
}

static void walk(void *part, layout *to) {
    analysis_layout(part, to);
}

bool analysis_make(const vgg *network, pooling mode, cost_target *targets, int count,
                   const float *planes, int height, int width, layout *lasting, error *err) {
    analysis self;
    layout passing;
    *lasting = (layout){0};
    if (!analysis_prepare(&self, network, mode, targets, count, height, width, err) ||
        !layout_make(lasting, walk_targets, &self, err))
        return false;
    const bool ok = layout_make(&passing, walk, &self, err);
    if (ok)
        analysis_run(&self, planes);
    else
        layout_free(lasting);
    layout_free(&passing);
    return ok;
}
