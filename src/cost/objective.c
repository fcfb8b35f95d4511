/* SPDX-License-Identifier: MIT
 *
 * The way forward sums the Gram matrices as the style layers go by. The way back then asks for the
 * seed of each wanted layer, deepest first: value and derivative of its terms in one visit, in
 * place of the activation.
 */
#include "cost/objective.h"

#include <math.h>
#include <string.h>

#include "core/cpu.h"
#include "core/memory.h"
#include "cost/gram.h"
#include "cost/smoothness.h"

struct objective {
    const vgg *network;
    cost_spec spec;
    vgg_run *run;
    tensor content_targets[VGG_MAX_LAYERS]; /* in the spec's order */
    const double *style_targets[VGG_MAX_LAYERS];
    gram grams[VGG_MAX_LAYERS];
    double *sums;  /* partial sums: of each row of a layer or the three planes, or of a matrix */
    float *copies; /* the pixels of a style layer that a thread works on, for each thread */
    size_t copy_floats;
    cost_values values;
};

static size_t matrix_size(const vgg *network, cost_layer style) {
    const size_t channels = (size_t)network->layers[style.layer].channels;
    return channels * channels;
}

/* Height or width of a layer, given that of the picture. */
static int layer_side(const vgg *network, int layer, int side) {
    const vgg_layer *l = &network->layers[layer];
    return side >> (l->block - (l->kind != VGG_POOL));
}

static double layer_pixels(const vgg_run *run, int layer) {
    return (double)layer_side(run->network, layer, run->plan.height) *
           layer_side(run->network, layer, run->plan.width);
}

/* The term of a layer, which has at most one of either kind; -1 where it has none. */
static int find_term(const cost_layer *layers, int count, int layer) {
    for (int i = 0; i < count; i++) {
        if (layers[i].layer == layer)
            return i;
    }
    return -1;
}

/* Adds rows of a layer to its Gram matrix, if it has a style term. */
static void add_to_gram(const cost_spec *spec, const gram *grams, int layer, const tensor *rows) {
    const int i = find_term(spec->style, spec->style_count, layer);
    if (i >= 0)
        gram_add(&grams[i], rows);
}

/* Marks the layers that have a style term and, if `content` is set, those with a content term. */
static void mark_wanted(const cost_spec *spec, bool content, bool wanted[VGG_MAX_LAYERS]) {
    memset(wanted, 0, VGG_MAX_LAYERS * sizeof *wanted);
    for (int i = 0; content && i < spec->content_count; i++)
        wanted[spec->content[i].layer] = true;
    for (int i = 0; i < spec->style_count; i++)
        wanted[spec->style[i].layer] = true;
}

/* Bytes of the working memory of all style layers. */
static size_t grams_memory(const vgg *network, const cost_spec *spec) {
    size_t sum = 0;
    for (int i = 0; i < spec->style_count; i++)
        sum = memory_add(sum, gram_memory(network->layers[spec->style[i].layer].channels));
    return sum;
}

/* ---- style target ---- */

/* Doubles of all matrices of a style target. */
static size_t target_size(const vgg *network, const cost_spec *spec) {
    size_t sum = 0;
    for (int i = 0; i < spec->style_count; i++)
        sum += matrix_size(network, spec->style[i]);
    return sum;
}

size_t style_target_memory(const vgg *network, const cost_spec *spec) {
    return spec->style_count ? memory_block(target_size(network, spec), sizeof(double)) : 0;
}

bool style_analysis_memory(const vgg *network, const cost_spec *spec, int height, int width,
                           size_t *bytes, error *err) {
    bool wanted[VGG_MAX_LAYERS];
    vgg_plan plan;
    *bytes = 0;
    if (!spec->style_count)
        return true;
    mark_wanted(spec, false, wanted);
    if (!vgg_plan_make(&plan, network, height, width, wanted, false, cpu_set_threads(0), err))
        return false;
    *bytes = memory_add(vgg_run_memory(&plan), memory_add(grams_memory(network, spec),
                                                          style_target_memory(network, spec)));
    return true;
}

typedef struct style_analysis {
    const cost_spec *spec;
    gram grams[VGG_MAX_LAYERS];
} style_analysis;

static void analyse(void *user, int layer, int y, const tensor *rows) {
    const style_analysis *self = user;
    (void)y;
    add_to_gram(self->spec, self->grams, layer, rows);
}

static void finish_targets(const style_analysis *self, const vgg_run *run, double *matrix) {
    for (int i = 0; i < self->spec->style_count; i++) {
        const double pixels = layer_pixels(run, self->spec->style[i].layer);
#pragma omp parallel
        gram_finish(&self->grams[i], pixels, matrix);
        matrix += matrix_size(run->network, self->spec->style[i]);
    }
}

bool style_target_init(style_target *self, const vgg *network, const cost_spec *spec,
                       const float *planes, int height, int width, error *err) {
    style_analysis analysis = {.spec = spec};
    bool wanted[VGG_MAX_LAYERS];
    *self = (style_target){0};
    if (!spec->style_count)
        return true;
    mark_wanted(spec, false, wanted);
    vgg_run *run = vgg_run_new(network, spec->pooling, height, width, wanted, false, err);
    self->matrices =
        run ? memory_alloc(target_size(network, spec), sizeof *self->matrices, err) : NULL;
    bool ok = self->matrices != NULL;
    for (int i = 0; ok && i < spec->style_count; i++)
        ok = gram_init(&analysis.grams[i], network->kernels,
                       network->layers[spec->style[i].layer].channels, err);
    if (ok) {
        const vgg_visitor visitor = {.observe = analyse, .user = &analysis};
        vgg_run_forward(run, planes, &visitor);
        finish_targets(&analysis, run, self->matrices);
    } else {
        style_target_clear(self);
    }
    for (int i = 0; i < spec->style_count; i++)
        gram_clear(&analysis.grams[i]);
    vgg_run_free(run);
    return ok;
}

void style_target_clear(style_target *self) {
    memory_free(self->matrices);
    *self = (style_target){0};
}

/* ---- memory ---- */

/* What an objective allocates besides the run, the content targets and the Gram matrices. */
typedef struct counts {
    size_t sums;        /* doubles: rows of the planes, or blocks of a matrix */
    size_t copy_floats; /* floats: what gram_gradient copies of the widest style layer */
} counts;

static counts count_memory(const vgg *network, const cost_spec *spec, int height) {
    counts found = {.sums = 3 * (size_t)height};
    for (int i = 0; i < spec->style_count; i++) {
        const int channels = network->layers[spec->style[i].layer].channels;
        const size_t blocks = (size_t)tensor_blocks(channels);
        const size_t pixels = (size_t)gram_gradient_pixels(network->kernels, channels);
        const size_t copy = pixels * blocks * CHANNEL_BLOCK;
        found.sums = blocks > found.sums ? blocks : found.sums;
        found.copy_floats = copy > found.copy_floats ? copy : found.copy_floats;
    }
    return found;
}

bool objective_memory(const vgg *network, const cost_spec *spec, int height, int width,
                      size_t *bytes, error *err) {
    bool wanted[VGG_MAX_LAYERS];
    vgg_plan plan;
    mark_wanted(spec, true, wanted);
    if (!vgg_plan_make(&plan, network, height, width, wanted, true, cpu_set_threads(0), err))
        return false;
    const counts more = count_memory(network, spec, height);
    const size_t parts[] = {
        memory_block(1, sizeof(objective)),
        vgg_run_memory(&plan),
        grams_memory(network, spec),
        memory_block(more.sums, sizeof(double)),
        memory_block((size_t)plan.threads * more.copy_floats, sizeof(float)),
    };
    *bytes = 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        *bytes = memory_add(*bytes, parts[i]);
    for (int i = 0; i < spec->content_count; i++) {
        const int layer = spec->content[i].layer;
        *bytes = memory_add(*bytes, tensor_memory(network->layers[layer].channels,
                                                  layer_side(network, layer, height),
                                                  layer_side(network, layer, width)));
    }
    return true;
}

/* ---- life ---- */

/* Keeps the rows of the content picture's activations. */
static void keep_target(void *user, int layer, int y, const tensor *rows) {
    const objective *self = user;
    const int i = find_term(self->spec.content, self->spec.content_count, layer);
    if (i < 0)
        return;
    const tensor *to = &self->content_targets[i];
#pragma omp for schedule(static)
    for (int row = 0; row < rows->height; row++) {
        for (int b = 0; b < rows->blocks; b++)
            memcpy(tensor_row(to, y + row, b), tensor_row(rows, row, b),
                   (size_t)(rows->width * CHANNEL_BLOCK) * sizeof(float));
    }
}

static bool make_content_targets(objective *self, const float *content, error *err) {
    const vgg_plan *plan = &self->run->plan;
    for (int i = 0; i < self->spec.content_count; i++) {
        const int layer = self->spec.content[i].layer;
        if (!tensor_init(&self->content_targets[i], self->network->layers[layer].channels,
                         layer_side(self->network, layer, plan->height),
                         layer_side(self->network, layer, plan->width), err))
            return false;
    }
    const vgg_visitor visitor = {.observe = keep_target, .user = self};
    if (self->spec.content_count)
        vgg_run_forward(self->run, content, &visitor);
    return true;
}

static bool prepare_grams(objective *self, const style_target *style, error *err) {
    const double *target = style->matrices;
    for (int i = 0; i < self->spec.style_count; i++) {
        const cost_layer layer = self->spec.style[i];
        if (!gram_init(&self->grams[i], self->network->kernels,
                       self->network->layers[layer.layer].channels, err))
            return false;
        self->style_targets[i] = target;
        target += matrix_size(self->network, layer);
    }
    return true;
}

/* What count_memory counts. */
static bool allocate(objective *self, error *err) {
    const vgg_plan *plan = &self->run->plan;
    const counts size = count_memory(self->network, &self->spec, plan->height);
    self->copy_floats = size.copy_floats;
    self->sums = memory_alloc(size.sums, sizeof *self->sums, err);
    self->copies = self->sums ? memory_alloc((size_t)plan->threads * size.copy_floats,
                                             sizeof *self->copies, err)
                              : NULL;
    return self->copies != NULL;
}

objective *objective_new(const vgg *network, const cost_spec *spec, const float *content,
                         int height, int width, const style_target *style, error *err) {
    objective *self = memory_alloc(1, sizeof *self, err);
    bool wanted[VGG_MAX_LAYERS];
    if (!self)
        return NULL;
    self->network = network;
    self->spec = *spec;
    mark_wanted(spec, true, wanted);
    self->run = vgg_run_new(network, spec->pooling, height, width, wanted, true, err);
    if (!self->run || !allocate(self, err) || !make_content_targets(self, content, err) ||
        !prepare_grams(self, style, err)) {
        objective_free(self);
        return NULL;
    }
    return self;
}

void objective_free(objective *self) {
    if (!self)
        return;
    for (int i = 0; i < VGG_MAX_LAYERS; i++) {
        tensor_clear(&self->content_targets[i]);
        gram_clear(&self->grams[i]);
    }
    vgg_run_free(self->run);
    memory_free(self->sums);
    memory_free(self->copies);
    memory_free(self);
}

const cost_values *objective_values(const objective *self) {
    return &self->values;
}

/* ---- evaluation ---- */

static void observe(void *user, int layer, int y, const tensor *rows) {
    const objective *self = user;
    (void)y;
    add_to_gram(&self->spec, self->grams, layer, rows);
}

static double add_up(const double *sums, int count) {
    double sum = 0;
    for (int i = 0; i < count; i++)
        sum += sums[i];
    return sum;
}

/* The value of style term i, and what its gradient multiplies with. */
static void finish_style(objective *self, int i) {
    const cost_layer layer = self->spec.style[i];
    const int channels = self->network->layers[layer.layer].channels;
    const double elements = (double)channels * channels;
    const double pixels = layer_pixels(self->run, layer.layer);
    gram_compare(&self->grams[i], pixels, self->style_targets[i],
                 self->spec.beta * layer.weight / (elements * pixels), self->sums);
#pragma omp single
    self->values.style_layers[i] = add_up(self->sums, tensor_blocks(channels)) / (4 * elements);
}

/* What a content term's squared distance is divided by. */
static double content_divisor(const objective *self, int layer) {
    return self->spec.sum_content
               ? 1
               : layer_pixels(self->run, layer) * self->network->layers[layer].channels;
}

/* Some pixels of a row of a layer. */
typedef struct piece {
    const tensor *rows; /* as the visitor sees them, from row y of the layer on */
    int y, row;         /* the piece is in rows' row `row` */
    int x, pixels;
} piece;

/* The derivative of content term i, added to the piece if `accumulate`, else in its place; `a` is
 * its activation, a_block floats from block to block. Returns the squared distance. */
static double content_piece(const objective *self, int i, const piece *p, const float *a,
                            ptrdiff_t a_block, bool accumulate) {
    const tensor *target = &self->content_targets[i];
    const cost_layer layer = self->spec.content[i];
    const double divisor = content_divisor(self, layer.layer);
    const float scale = (float)(self->spec.alpha * layer.weight / divisor);
    const ptrdiff_t first = (ptrdiff_t)p->x * CHANNEL_BLOCK;
    double sum = 0;
    for (int b = 0; b < target->blocks; b++)
        sum += self->network->kernels->difference(
            a + b * a_block, tensor_row(target, p->y + p->row, b) + first, scale, accumulate,
            tensor_row(p->rows, p->row, b) + first, (size_t)p->pixels * CHANNEL_BLOCK);
    return sum;
}

/* The derivative of a layer's terms, -1 for none, in place of one row of its activation. Returns
 * the squared distance of the content. */
static double seed_row(objective *self, int style, int content, const tensor *rows, int y,
                       int row) {
    piece p = {.rows = rows, .y = y, .row = row, .pixels = rows->width};
    if (style < 0)
        return content_piece(self, content, &p, tensor_row(rows, row, 0), rows->block_stride,
                             false);
    float *copy = self->copies + (size_t)cpu_thread() * self->copy_floats;
    const ptrdiff_t copy_block =
        (ptrdiff_t)gram_gradient_pixels(self->network->kernels, rows->channels) * CHANNEL_BLOCK;
    double sum = 0;
    for (; p.x < rows->width; p.x += p.pixels) {
        p.pixels = gram_gradient(&self->grams[style], rows, row, p.x, copy);
        if (content >= 0)
            sum += content_piece(self, content, &p, copy, copy_block, true);
    }
    return sum;
}

static void seed(void *user, int layer, int y, const tensor *rows) {
    objective *self = user;
    const int style = find_term(self->spec.style, self->spec.style_count, layer);
    const int content = find_term(self->spec.content, self->spec.content_count, layer);
#pragma omp for schedule(dynamic)
    for (int row = 0; row < rows->height; row++)
        self->sums[row] = seed_row(self, style, content, rows, y, row);
    if (content >= 0) {
#pragma omp single
        self->values.content_layers[content] +=
            add_up(self->sums, rows->height) / 2 / content_divisor(self, layer);
    }
}

static double norm(const kernel_set *kernels, const float *v, int height, int width, double *rows) {
#pragma omp parallel for schedule(static)
    for (int i = 0; i < 3 * height; i++) {
        const float *row = v + (ptrdiff_t)i * width;
        rows[i] = kernels->dot(row, row, (size_t)width);
    }
    return sqrt(add_up(rows, 3 * height));
}

/* The network's part: forward, the style terms, and back. */
static void eval_network(objective *self, const float *x, float *gradient) {
    const vgg_visitor visitor = {.observe = observe, .seed = seed, .user = self};
    for (int i = 0; i < self->spec.content_count; i++)
        self->values.content_layers[i] = 0;
    vgg_run_forward(self->run, x, &visitor);
#pragma omp parallel num_threads(self->run->plan.threads)
    for (int i = 0; i < self->spec.style_count; i++)
        finish_style(self, i);
    vgg_run_backward(self->run, x, &visitor, gradient);
}

double objective_eval(objective *self, const float *x, float *gradient) {
    const cost_spec *spec = &self->spec;
    cost_values *values = &self->values;
    const int height = self->run->plan.height, width = self->run->plan.width;
    eval_network(self, x, gradient);
    values->tv = smoothness_eval(x, height, width, spec->tv, gradient, self->sums);
    values->content = values->style = 0;
    for (int i = 0; i < spec->content_count; i++)
        values->content += spec->content[i].weight * values->content_layers[i];
    for (int i = 0; i < spec->style_count; i++)
        values->style += spec->style[i].weight * values->style_layers[i];
    values->total =
        spec->alpha * values->content + spec->beta * values->style + spec->tv * values->tv;
    values->gradient_norm = norm(self->network->kernels, gradient, height, width, self->sums);
    return values->total;
}
