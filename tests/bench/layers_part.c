/* SPDX-License-Identifier: MIT
 *
 * The part `layers`: each convolution of VGG-19 alone, both ways, with the blocks, strips, pooling
 * and sign bits with which an evaluation of the default cost runs it (network/vgg_run.c). Rows of a
 * strip are computed where they would be, so that what stays in cache there stays here.
 */
#include <stdio.h>
#include <string.h>

#include "core/cpu.h"
#include "core/memory.h"
#include "made_weights.h"
#include "network/vgg_plan.h"
#include "peak.h"
#include "report.h"
#include "timing.h"

static const char *const wanted_layers[] = {"relu1_1", "relu2_1", "relu3_1",
                                            "relu4_1", "relu4_2", "relu5_1"};

/* One end of a convolution: a tensor, of which a strip at row y begins at row y >> shift; or a
 * strip itself, always at row 0. */
typedef struct side {
    tensor tensor;
    float *memory;
    bool strip;
    int shift;
} side;

typedef struct layer_job {
    const vgg *network;
    const vgg_step *step;
    int conv, in_channels, out_channels;
    bool adjoint, first; /* first: of a pair */
    int rows;            /* of a strip; all without strips */
    winograd_blocks blocks;
    side in, out;
    bitmap words; /* choice, sign or keep */
    bool pooled;  /* the output forward, the input back */
    void *word_memory;
    float *planes, *scratch;
} layer_job;

static int row_of(const side *s, int y) {
    return s->strip ? 0 : y >> s->shift;
}

static void run_strip(const layer_job *j, int y) {
    const int height = j->step->height, here = j->rows < height - y ? j->rows : height - y;
    const first_conv *first = &j->network->first;
    const int in_row = row_of(&j->in, y), out_row = row_of(&j->out, y);
    if (j->conv == 0 && !j->adjoint) {
        const tensor out = tensor_rows(&j->out.tensor, out_row, here);
        first_conv_run(first, j->planes, height, y, &out, true, &j->words, j->scratch);
        return;
    }
    if (j->conv == 0) {
        const tensor in = tensor_rows(&j->in.tensor, in_row, here);
        first_conv_adjoint(first, &in, height, y, j->planes);
        return;
    }
    const tensor in = tensor_rows(&j->in.tensor, in_row, j->in.tensor.height - in_row);
    const tensor out = tensor_rows(&j->out.tensor, out_row, j->out.tensor.height - out_row);
    const bitmap words = bitmap_from_row(&j->words, j->adjoint && j->pooled ? in_row : out_row);
    winograd_io io = {.height = here, .width = j->step->width, .in = &in, .out = &out, .share = 1};
    if (j->adjoint)
        *(j->pooled ? &io.choice : &io.keep) = &words;
    else if (j->pooled)
        io.pooled = &words;
    else
        io.sign = &words;
    io.relu = io.sign != NULL;
    winograd_run(j->adjoint ? &j->network->adjoint[j->conv] : &j->network->forward[j->conv],
                 &j->blocks, &io, j->scratch);
}

static void run_layer(void *user) {
    const layer_job *j = user;
#pragma omp parallel
    for (int y = 0; y < j->step->height; y += j->rows)
        run_strip(j, y);
}

/* A side of the given channels at the convolution's size, or its half; filled with anything. */
static side make_side(const layer_job *j, int channels, bool strip, bool pooled) {
    side s = {.strip = strip, .shift = pooled};
    const kernel_set *kernels = j->network->kernels;
    const size_t bytes = kernels_activation_bytes(kernels);
    size_t values;
    const int height = strip ? j->rows : j->step->height >> pooled;
    const int width = j->step->width >> pooled;
    if (!tensor_values(channels, height, width, &values))
        fail("a tensor is too large");
    s.memory = must_alloc(values, bytes);
    s.tensor = tensor_view(s.memory, bytes, channels, height, width);
    unsigned seed = 1;
    for (int y = 0; y < height; y++) {
        for (int b = 0; b < s.tensor.blocks; b++) {
            for (int x = 0; x < s.tensor.width; x++) {
                float pixel[CHANNEL_BLOCK];
                for (int i = 0; i < CHANNEL_BLOCK; i++) {
                    seed = seed * 1664525u + 1013904223u;
                    pixel[i] = (float)(seed >> 8) / 8388608.0f - 1;
                }
                kernels->narrow(pixel, tensor_at(&s.tensor, y, b, x), CHANNEL_BLOCK);
            }
        }
    }
    return s;
}

/* Signs or choices beside a tensor of so many channels, every second bit set. */
static void make_words(layer_job *j, const side *beside) {
    const tensor *t = &beside->tensor;
    const int words = j->pooled ? 4 : 1;
    size_t bytes;
    if (!bitmap_bytes(t->blocks, words, t->height, t->width, &bytes))
        fail("a bitmap is too large");
    j->word_memory = must_alloc(bytes, 1);
    memset(j->word_memory, 0x55, bytes);
    j->words = bitmap_view(j->word_memory, t->blocks, words, t->height, t->width);
}

static layer_job make_job(const vgg *network, const vgg_plan *plan, const vgg_step *step, int conv,
                          bool adjoint) {
    const bool first = step->pair && conv == step->conv - 1, second = step->pair && !first;
    const int inputs = conv ? network->widths[conv - 1] : 3, outputs = network->widths[conv];
    layer_job j = {
        .network = network,
        .step = step,
        .conv = conv,
        .in_channels = inputs,
        .out_channels = outputs,
        .adjoint = adjoint,
        .first = first,
        .rows = step->pair ? step->strip_rows : step->height,
        .blocks = first ? (adjoint ? step->first_adjoint : step->first_forward)
                        : (adjoint ? step->adjoint : step->forward),
        .pooled = !first && step->pool_layer >= 0,
        .scratch = must_alloc(plan->scratch_bytes, 1),
    };
    if (conv == 0)
        j.planes = must_alloc(3 * (size_t)plan->height, (size_t)plan->width * sizeof(float));
    /* The strip lies between the two convolutions of a pair. */
    const side lower = conv ? make_side(&j, inputs, second, false) : (side){0};
    const side upper = make_side(&j, outputs, first, j.pooled);
    j.in = adjoint ? upper : lower;
    j.out = adjoint ? lower : upper;
    if (conv || !adjoint)
        make_words(&j, adjoint && !j.pooled ? &lower : &upper);
    return j;
}

static void clear_job(layer_job *j) {
    memory_free(j->in.memory);
    memory_free(j->out.memory);
    memory_free(j->word_memory);
    memory_free(j->planes);
    memory_free(j->scratch);
}

/* How the work of one size and network adds up. */
typedef struct layers_sum {
    int size;
    const char *widths;
    double peak; /* beside the layers that follow */
    double best_peak, seconds, direct, computed;
} layers_sum;

static void describe(const layer_job *j, const winograd_filter *filter, char *text, size_t size) {
    int length = 0;
    if (j->conv == 0)
        length = snprintf(text, size, "direct");
    else if (j->blocks.schedule == WINOGRAD_OWN)
        length = snprintf(text, size, "own %d", j->blocks.tiles);
    else
        length = snprintf(text, size, "shared %dx%d, %d%s", j->blocks.together, j->blocks.tiles,
                          j->blocks.channels, filter->transformed ? ", kept" : "");
    if (j->rows < j->step->height && length > 0 && (size_t)length < size)
        snprintf(text + length, size - (size_t)length, "; %d rows", j->rows);
}

static void measure(const layer_job *j, layers_sum *sum, const bench_options *options) {
    const winograd_filter *filter =
        j->adjoint ? &j->network->adjoint[j->conv] : &j->network->forward[j->conv];
    layer_job job = *j;
    const timing t = timing_take(run_layer, &job, options->quick ? 3 : 9, 0.005);
    const double height = j->step->height, width = j->step->width;
    const double direct = 2.0 * 9 * j->in_channels * j->out_channels * height * width;
    const int tiles = ((j->step->height + 3) / 4) * ((j->step->width + 3) / 4);
    const double computed = j->conv ? 2.0 * 36 * j->in_channels * j->out_channels * tiles : direct;
    const int runs = j->first && !j->adjoint ? 2 : 1;
    const char *name =
        j->network->layers[j->first ? j->step->between - 1 : j->step->conv_layer].name;
    char how[64];
    describe(j, filter, how, sizeof how);
    printf("  %-8s %-8s %3d %3d %9.3f %9.3f %8.1f %8.1f %6.1f %%  %d  %s\n", name,
           j->adjoint ? "back" : "forward", j->adjoint ? j->out_channels : j->in_channels,
           j->adjoint ? j->in_channels : j->out_channels, t.median * 1e3, t.best * 1e3,
           direct / t.median * 1e-9, computed / t.median * 1e-9,
           100 * computed / t.median / sum->peak, runs, how);
    report(json_pack("{s:s, s:s, s:i, s:s, s:s, s:s, s:i, s:i, s:f, s:f, s:f, s:f, s:f, s:i, s:s}",
                     "part", "layers", "widths", sum->widths, "size", sum->size, "precision",
                     precision_name(options->precision), "layer", name, "way",
                     j->adjoint ? "back" : "forward", "in", j->in_channels, "out", j->out_channels,
                     "median_s", t.median, "best_s", t.best, "direct_flop", direct, "computed_flop",
                     computed, "peak_flops", sum->peak, "runs", runs, "how", how));
    sum->seconds += runs * t.median;
    sum->direct += runs * direct;
    sum->computed += runs * computed;
}

/* The step of a convolution. */
static const vgg_step *step_of(const vgg_plan *plan, int conv) {
    for (int i = 0; i < plan->count; i++) {
        if (plan->steps[i].conv >= conv)
            return &plan->steps[i];
    }
    fail("the plan has no convolution %d", conv);
}

static void measure_network(const vgg *network, const char *widths, int size,
                            const bench_options *options) {
    bool wanted[VGG_MAX_LAYERS] = {false};
    vgg_plan plan;
    error err;
    for (size_t i = 0; i < sizeof wanted_layers / sizeof *wanted_layers; i++)
        wanted[vgg_layer_find(network, wanted_layers[i], &err)] = true;
    if (!vgg_plan_make(&plan, network, size, size, wanted, true, options->threads, &err))
        fail("%s", err.text);
    layers_sum sum = {
        .size = size, .widths = widths, .peak = peak_flops(network->kernels, options->threads)};
    printf("\nlayers: %dx%d, %s widths, %s %s, %d threads, peak %.1f GFLOP/s\n"
           "  %-8s %-8s %3s %3s %9s %9s %8s %8s %8s %s\n",
           size, size, widths, precision_name(options->precision), network->kernels->name,
           options->threads, sum.peak * 1e-9, "", "", "in", "out", "median ms", "best", "direct",
           "computed", "of peak", " runs, blocks");
    for (int conv = 0; conv < network->conv_count; conv++) {
        for (int adjoint = 0; adjoint < 2; adjoint++) {
            layer_job j = make_job(network, &plan, step_of(&plan, conv), conv, adjoint);
            measure(&j, &sum, options);
            clear_job(&j);
        }
        if (conv % 4 == 3)
            sum.peak = peak_flops(network->kernels, options->threads);
        sum.best_peak = sum.peak > sum.best_peak ? sum.peak : sum.best_peak;
    }
    printf("  sum of all runs %29.3f %9s %8.1f %8.1f %6.1f %%\n", sum.seconds * 1e3, "",
           sum.direct / sum.seconds * 1e-9, sum.computed / sum.seconds * 1e-9,
           100 * sum.computed / sum.seconds / sum.best_peak);
    report(json_pack("{s:s, s:s, s:i, s:s, s:s, s:i, s:f, s:f, s:f, s:f}", "part", "layers_sum",
                     "widths", widths, "size", size, "set", network->kernels->name, "precision",
                     precision_name(options->precision), "threads", options->threads, "seconds",
                     sum.seconds, "direct_flop", sum.direct, "computed_flop", sum.computed,
                     "peak_flops", sum.best_peak));
}

void bench_layers(const bench_options *options) {
    static const int sizes[] = {256, 512, 1024};
    cpu_set_threads(options->threads);
    for (int divisor = options->slim ? 4 : 1; divisor <= 4; divisor += 3) {
        error err;
        vgg *network =
            vgg_load(made_weights_new(divisor), kernels_best_of(options->precision), &err);
        made_weights_remove();
        if (!network)
            fail("%s", err.text);
        const char *widths = divisor == 1 ? "full" : "quarter";
        for (int i = 0; i < 3; i++) {
            if (options->size ? i == 0 : !options->quick || i == 0)
                measure_network(network, widths, options->size ? options->size : sizes[i], options);
        }
        vgg_free(network);
    }
}
