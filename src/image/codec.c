/* SPDX-License-Identifier: MIT */
#include "image/codec.h"

#include <limits.h>

image *codec_new_image(const codec_input *input, uint32_t width, uint32_t height, error *err) {
    if (width > INT_MAX || height > INT_MAX || (uint64_t)width * height > input->max_pixels) {
        error_set(err, ERROR_FAILURE,
                  "cannot read %s: %lu x %lu pixels are over the limit of %zu: shrink it, or raise "
                  "--max-pixels",
                  input->path, (unsigned long)width, (unsigned long)height, input->max_pixels);
        return NULL;
    }
    return image_new((int)width, (int)height, err);
}

static unsigned round_sample(float value, unsigned most) {
    const float clipped = value > 0.0f ? (value < 1.0f ? value : 1.0f) : 0.0f;
    return (unsigned)(clipped * (float)most + 0.5f);
}

/* The colour of which `alpha` gives `seen` over white; white where nothing of it will be seen. */
static float colour_under(float seen, float alpha, unsigned most) {
    if (round_sample(alpha, most) == 0)
        return 1.0f;
    return (float)(((double)seen - 1 + (double)alpha) / (double)alpha);
}

/* The least that the ink on white paper can leave of its white. */
static float over_white(float seen, float alpha) {
    return seen > 1.0f - alpha ? seen : 1.0f - alpha;
}

static void put_sample(uint8_t *samples, size_t i, unsigned value, int depth) {
    if (depth == 16) {
        samples[2 * i] = (uint8_t)(value >> 8);
        samples[2 * i + 1] = (uint8_t)value;
    } else {
        samples[i] = (uint8_t)value;
    }
}

void codec_pack_row(const image *self, int y, bool alpha, int depth, uint8_t *row) {
    const size_t width = (size_t)self->width, plane = width * (size_t)self->height;
    const size_t at = (size_t)y * width, channels = IMAGE_CHANNELS + (alpha ? 1 : 0);
    const unsigned most = depth == 16 ? UINT16_MAX : UINT8_MAX;
    for (size_t c = 0; c < channels; c++) {
        const float *from = c < IMAGE_CHANNELS ? self->planes + c * plane + at : self->alpha + at;
        for (size_t x = 0; x < width; x++) {
            float value = from[x];
            if (alpha && c < IMAGE_CHANNELS)
                value = colour_under(value, self->alpha[at + x], most);
            else if (!alpha && self->alpha)
                value = over_white(value, self->alpha[at + x]);
            put_sample(row, x * channels + c, round_sample(value, most), depth);
        }
    }
}
