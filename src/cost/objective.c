/* SPDX-License-Identifier: MIT
 *
 * The forward pass shows the layers that have terms to their works, the backward pass asks for the
 * loss gradient of each, deepest first: all works of a layer go over it in one visit, row by row,
 * and leave the derivative in place of the activation.
 */
#include "cost/objective.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "core/cpu.h"
#include "cost/sums.h"

/* ---- works ---- */

static bool on_picture(const cost_work *work) {
    return work->layer == COST_PICTURE;
}

/* Whether a term may join the work. */
static bool joins(const cost_work *work, const cost_term *term) {
    return work->kind == term->kind && work->layer == term->layer && work->mask == term->mask &&
           (work->count == 0 || cost_kind_at(work->kind)->shared);
}

/* Makes the work of term number `first`, and of those that join it. */
static void add_work(objective *self, int first, bool taken[COST_MOST_TERMS]) {
    const cost_spec *spec = &self->spec;
    const cost_term *term = &spec->terms[first];
    cost_work *work = &self->works[self->work_count++];
    if (term->layer == COST_PICTURE)
        *work = (cost_work){.kind = term->kind,
                            .layer = COST_PICTURE,
                            .mask = term->mask,
                            .channels = 3,
                            .height = self->height,
                            .width = self->width};
    else
        *work =
            cost_work_at(self->run.network, &self->run.plan, term->kind, term->layer, term->mask);
    work->sum_content = spec->sum_content;
    work->margin = spec->margin;
    work->smoothness = spec->smoothness;
    work->first = self->term_count;
    for (int i = first; i < spec->count; i++) {
        if (taken[i] || !joins(work, &spec->terms[i]))
            continue;
        taken[i] = true;
        self->order[self->term_count] = i;
        self->terms[self->term_count++] = spec->terms[i];
        work->count++;
    }
}

/* Style before content: the product overwrites faster than it adds. */
static void add_works(objective *self) {
    const cost_spec *spec = &self->spec;
    bool taken[COST_MOST_TERMS] = {false};
    for (int kind = COST_KINDS - 1; kind >= 0; kind--) {
        for (int i = 0; i < spec->count; i++) {
            if ((int)spec->terms[i].kind == kind && !taken[i])
                add_work(self, i, taken);
        }
    }
}

/* Works at a layer: how many, whether one that needs no copy of the activation, and whether
 * somebody needs it as floats. */
typedef struct visit {
    const cost_work *works[COST_MOST_TERMS];
    int count;
    bool in_place, floats;
} visit;

static visit visit_of(const objective *self, int layer) {
    const kernel_set *kernels = self->run.network->kernels;
    visit v = {.count = 0, .floats = !kernels->bf16_products};
    for (int i = 0; i < self->work_count; i++) {
        const cost_work *work = &self->works[i];
        if (work->layer != layer)
            continue;
        v.works[v.count++] = work;
        v.floats = v.floats || work->mask || cost_kind_at(work->kind)->floats;
    }
    v.in_place = kernels->precision == PRECISION_FP32 && v.count == 1 &&
                 cost_kind_at(v.works[0]->kind)->in_place;
    return v;
}

static size_t larger(size_t a, size_t b) {
    return a > b ? a : b;
}

/* Room for a thread's copy of the largest piece, and what else a visit needs. */
static void plan_copies(objective *self) {
    for (int i = 0; i < self->work_count; i++) {
        const cost_work *work = &self->works[i];
        if (on_picture(work))
            continue;
        const visit v = visit_of(self, work->layer);
        if (v.in_place)
            continue;
        const size_t copy = (size_t)tensor_blocks(work->channels) * CHANNEL_BLOCK *
                            (size_t)gram_gradient_pixels(work->kernels, work->channels);
        if (v.floats)
            self->copy_floats = larger(self->copy_floats, copy);
        if (work->kernels->precision == PRECISION_BF16)
            self->gradient_floats = larger(self->gradient_floats, copy);
        if (work->mask)
            self->scratch_floats = larger(self->scratch_floats, copy);
    }
}

/* Floats of one thread. */
static size_t thread_floats(const objective *self) {
    return self->copy_floats + self->gradient_floats + self->scratch_floats;
}

bool objective_prepare(objective *self, const vgg *network, const cost_spec *spec, int height,
                       int width, error *err) {
    bool wanted[VGG_MAX_LAYERS] = {false};
    assert(spec->count >= 0 && spec->count <= COST_MOST_TERMS);
    *self = (objective){.spec = *spec, .height = height, .width = width};
    for (int i = 0; i < spec->count; i++) {
        const cost_term *term = &spec->terms[i];
        assert((term->layer == COST_PICTURE) == (cost_kind_at(term->kind)->evaluate != NULL));
        assert(term->layer != COST_PICTURE || !term->mask);
        if (term->layer == COST_PICTURE)
            continue;
        assert(term->target && term->target->kind == term->kind &&
               term->target->layer == term->layer);
        wanted[term->layer] = self->has_layers = true;
    }
    if (self->has_layers &&
        !vgg_run_prepare(&self->run, network, spec->pooling, height, width, wanted, true, err))
        return false;
    self->run.network = network;
    add_works(self);
    plan_copies(self);
    return true;
}

void objective_layout(objective *self, layout *to) {
    const size_t threads = (size_t)self->run.plan.threads;
    if (self->has_layers)
        vgg_run_layout(&self->run, to);
    for (int i = 0; i < self->work_count; i++)
        cost_kind_at(self->works[i].kind)->layout(&self->works[i], to);
    self->sums = layout_take(to, 3 * (size_t)self->height, sizeof *self->sums);
    self->copies = layout_take(to, threads * thread_floats(self), sizeof *self->copies);
}

static void walk(void *part, layout *to) {
    objective_layout(part, to);
}

bool objective_make(objective *self, const vgg *network, const cost_spec *spec, int height,
                    int width, layout *memory, error *err) {
    *memory = (layout){0};
    return objective_prepare(self, network, spec, height, width, err) &&
           layout_make(memory, walk, self, err);
}

void objective_set_factors(objective *self, const double factors[COST_KINDS]) {
    memcpy(self->spec.factors, factors, sizeof self->spec.factors);
}

void objective_set_weight(objective *self, int index, double weight) {
    assert(index >= 0 && index < self->spec.count);
    self->spec.terms[index].weight = weight;
    for (int i = 0; i < self->term_count; i++) {
        if (self->order[i] == index)
            self->terms[i].weight = weight;
    }
}

const cost_values *objective_values(const objective *self) {
    return &self->values;
}

/* ---- evaluation ---- */

static void observe(void *user, int layer, int y, const tensor *rows) {
    const objective *self = user;
    for (int i = 0; i < self->work_count; i++) {
        const cost_work *work = &self->works[i];
        const cost_kind_row *kind = cost_kind_at(work->kind);
        if (work->layer == layer && kind->observe)
            kind->observe(work, y, rows);
    }
}

static void finish(const objective *self) {
    for (int i = 0; i < self->work_count; i++) {
        const cost_work *work = &self->works[i];
        const cost_kind_row *kind = cost_kind_at(work->kind);
        if (kind->finish)
            kind->finish(work, self->terms + work->first, self->spec.factors[work->kind]);
    }
}

/* The derivatives of all works for one piece, one upon the other. */
static void derive(const objective *self, const visit *v, cost_piece *piece) {
    piece->add = false;
    for (int i = 0; i < v->count; i++) {
        const cost_work *work = v->works[i];
        cost_kind_at(work->kind)
            ->derive(work, self->terms + work->first, self->spec.factors[work->kind], piece);
        piece->add = true;
    }
}

/* A piece of row `row` of those shown, of works that would overwrite what others have still to read
 * or whose gradient is not kept as floats. The thread's own memory is at `own`. */
static void derive_piece(const objective *self, const visit *v, const tensor *rows, int row,
                         float *own, cost_piece *p) {
    const kernel_set *kernels = self->run.network->kernels;
    const size_t count = (size_t)p->pixels * CHANNEL_BLOCK;
    const bool stored = kernels->precision == PRECISION_BF16;
    p->a = v->floats ? own : NULL;
    p->scratch = own + self->copy_floats + self->gradient_floats;
    for (int b = 0; v->floats && b < rows->blocks; b++)
        kernels->widen(tensor_at(rows, row, b, p->x), own + b * p->a_block, count);
    p->operands = kernels->bf16_products ? tensor_at(rows, row, 0, p->x) : p->a;
    p->operands_block = kernels->bf16_products ? rows->block_stride : p->a_block;
    p->gradient = stored ? own + self->copy_floats : tensor_at(rows, row, 0, p->x);
    p->gradient_block = stored ? p->a_block : rows->block_stride;
    derive(self, v, p);
    for (int b = 0; stored && b < rows->blocks; b++)
        kernels->narrow(p->gradient + b * p->gradient_block, tensor_at(rows, row, b, p->x), count);
}

/* Row y of a layer, which is row `row` of those shown. */
static void derive_row(const objective *self, const visit *v, const tensor *rows, int row, int y) {
    const cost_work *work = v->works[0];
    cost_piece p = {.y = y, .pixels = rows->width};
    if (v->in_place) {
        p.operands = p.a = p.gradient = tensor_at(rows, row, 0, 0);
        p.operands_block = p.a_block = p.gradient_block = rows->block_stride;
        derive(self, v, &p);
        return;
    }
    /* analysed: a layer that is not in place has a term with work */
    const int step = gram_gradient_pixels(work->kernels, work->channels);
    float *own = self->copies + (size_t)cpu_thread() * thread_floats(self);
    p.a_block = (ptrdiff_t)step * CHANNEL_BLOCK;
    for (; p.x < rows->width; p.x += p.pixels) {
        p.pixels = cost_next_part(rows->width - p.x, step);
        derive_piece(self, v, rows, row, own, &p);
    }
}

static void inject(void *user, int layer, int y, const tensor *rows) {
    const objective *self = user;
    const visit v = visit_of(self, layer);
#pragma omp for schedule(dynamic)
    for (int row = 0; row < rows->height; row++)
        derive_row(self, &v, rows, row, y + row);
}

static double norm(const kernel_set *kernels, const float *v, int height, int width, double *rows) {
#pragma omp parallel for schedule(static)
    for (int i = 0; i < 3 * height; i++) {
        const float *row = v + (ptrdiff_t)i * width;
        rows[i] = kernels->dot(row, row, (size_t)width);
    }
    return sqrt(cost_add_up(rows, 3 * height));
}

/* The network's part: forward, what comes of it, and back. */
static void eval_layers(objective *self, const float *x, float *gradient) {
    const vgg_visitor visitor = {.observe = observe, .inject = inject, .user = self};
    vgg_run_forward(&self->run, x, &visitor);
#pragma omp parallel num_threads(self->run.plan.threads)
    finish(self);
    vgg_run_backward(&self->run, x, &visitor, gradient);
}

/* J of all terms, and the gradient of those that look at the picture itself. */
static void eval_terms(objective *self, const float *x, float *gradient) {
    for (int i = 0; i < self->work_count; i++) {
        const cost_work *work = &self->works[i];
        const cost_kind_row *kind = cost_kind_at(work->kind);
        for (int k = 0; k < work->count; k++) {
            const int term = work->first + k;
            self->values.terms[self->order[term]] =
                kind->evaluate ? kind->evaluate(work, &self->terms[term],
                                                self->spec.factors[work->kind], x, gradient)
                               : kind->value(work, k);
        }
    }
}

static void add_up_values(objective *self) {
    const cost_spec *spec = &self->spec;
    cost_values *values = &self->values;
    memset(values->kinds, 0, sizeof values->kinds);
    for (int i = 0; i < spec->count; i++)
        values->kinds[spec->terms[i].kind] += spec->terms[i].weight * values->terms[i];
    values->total = 0;
    for (int kind = 0; kind < COST_KINDS; kind++)
        values->total += spec->factors[kind] * values->kinds[kind];
}

double objective_eval(objective *self, const float *x, float *gradient) {
    assert(self->sums);
    if (self->has_layers)
        eval_layers(self, x, gradient);
    else
        memset(gradient, 0, 3 * (size_t)self->height * (size_t)self->width * sizeof *gradient);
    eval_terms(self, x, gradient);
    add_up_values(self);
    self->values.gradient_norm =
        norm(self->run.network->kernels, gradient, self->height, self->width, self->sums);
    return self->values.total;
}
