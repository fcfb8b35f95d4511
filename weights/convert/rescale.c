/* SPDX-License-Identifier: MIT */
#include "convert/rescale.h"

#include <float.h>
#include <math.h>

#include "core/memory.h"
#include "network/vgg_run.h"
#include "simd/kernels.h"

/* ---- measuring ---- */

typedef struct observer {
    const vgg *network;
    channel_means *means;
    int height, width; /* of the picture */
    int pictures;
} observer;

/* A collective call: each thread sums channels of its own, in the order of rows, so that the number
 * of threads does not change the sums. */
static void observe(void *user, int layer, int y, const tensor *rows) {
    const observer *self = user;
    const vgg_layer *l = &self->network->layers[layer];
    const int pools = l->block - 1; /* each halves the sides */
    const double area = (double)(self->height >> pools) * (self->width >> pools);
    double *means = self->means->of[l->conv];
    (void)y;
#pragma omp for
    for (int c = 0; c < rows->channels; c++) {
        double sum = 0;
        for (int row = 0; row < rows->height; row++) {
            const float *values = tensor_row(rows, row, c / CHANNEL_BLOCK) + c % CHANNEL_BLOCK;
            for (int x = 0; x < rows->width; x++)
                sum += (double)values[(ptrdiff_t)x * CHANNEL_BLOCK];
        }
        means[c] += sum / (area * self->pictures);
    }
}

static void walk_run(void *part, layout *to) {
    vgg_run_layout(part, to);
}

static bool measure_picture(observer *self, const image *picture, error *err) {
    bool wanted[VGG_MAX_LAYERS] = {false};
    for (int i = 0; i < self->network->layer_count; i++)
        wanted[i] = self->network->layers[i].kind == VGG_RELU;
    self->height = picture->height;
    self->width = picture->width;
    vgg_run run;
    layout memory;
    if (!vgg_run_prepare(&run, self->network, POOLING_MAX, picture->height, picture->width, wanted,
                         false, err) ||
        !layout_make(&memory, walk_run, &run, err))
        return false;
    vgg_run_forward(&run, picture->planes, &(vgg_visitor){.observe = observe, .user = self});
    layout_free(&memory);
    return true;
}

bool channel_means_measure(channel_means *self, const plain_vgg *net, image *const *pictures,
                           int count, error *err) {
    *self = (channel_means){0};
    for (int i = 0; i < net->conv_count; i++) {
        self->of[i] = memory_alloc((size_t)net->widths[i], sizeof *self->of[i], err);
        if (!self->of[i])
            return false;
    }
    const vgg_source source = plain_vgg_source(net);
    vgg *network = vgg_new(&source, kernels_best(), err);
    observer eye = {.network = network, .means = self, .pictures = count};
    bool ok = network != NULL;
    for (int i = 0; ok && i < count; i++)
        ok = measure_picture(&eye, pictures[i], err);
    vgg_free(network);
    return ok;
}

void channel_means_clear(channel_means *self) {
    for (int i = 0; i < VGG_MAX_CONVS; i++)
        memory_free(self->of[i]);
    *self = (channel_means){0};
}

/* ---- dividing ---- */

/* Below this share of its layer's mean a channel counts as never active. Pruned networks have many
 * such; brought to 1 they would outweigh all others in the first picture that does excite them. */
#define LEAST_SHARE 1e-3

/* Over many pictures hardly any channel of VGG-16 has less than this share. Over few, those that
 * these happen not to excite do: up to 50 times too little, and Gram terms go with the fourth
 * power. */
#define LOW_SHARE 0.25

static double layer_mean(const double *means, int channels) {
    double sum = 0;
    for (int c = 0; c < channels; c++)
        sum += means[c];
    return sum / channels;
}

void channel_means_make_divisors(channel_means *self, const plain_vgg *net) {
    for (int conv = 0; conv < net->conv_count; conv++) {
        double *means = self->of[conv];
        const double usual = layer_mean(means, net->widths[conv]);
        for (int c = 0; c < net->widths[conv]; c++) {
            if (means[c] <= LEAST_SHARE * usual)
                means[c] = usual;
            means[c] = fmax(means[c], LOW_SHARE * usual);
            /* A layer that is never active at all stays as it is. */
            means[c] = means[c] >= (double)FLT_MIN ? (double)(float)means[c] : 1;
        }
    }
}

void plain_vgg_rescale(plain_vgg *self, const channel_means *divisors) {
    const double picture[] = {1, 1, 1};
    const double *before = picture; /* what the channels that come in were divided by */
    for (int conv = 0; conv < self->conv_count; conv++) {
        const double *after = divisors->of[conv];
        float *w = self->weights[conv];
        for (int out = 0; out < self->widths[conv]; out++) {
            self->biases[conv][out] = (float)(self->biases[conv][out] / after[out]);
            for (int in = 0; in < plain_vgg_inputs(self, conv); in++) {
                const double factor = before[in] / after[out];
                for (int tap = 0; tap < 9; tap++, w++)
                    *w = (float)(*w * factor);
            }
        }
        before = after;
    }
}
