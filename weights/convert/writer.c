/* SPDX-License-Identifier: MIT */
#include "convert/writer.h"

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "image/output_file.h"
#include "transfer/stylize.h"
#include "weights/half.h"

enum { LENGTH_BYTES = 8, ALIGNMENT = 8 }; /* the data begin at a multiple */

/* ---- the header ---- */

static json_t *triple(const double values[3]) {
    return json_sprintf("%.10g,%.10g,%.10g", values[0], values[1], values[2]);
}

static void set_text(json_t *object, const char *key, const char *text) {
    if (text)
        json_object_set_new(object, key, json_string(text));
}

static json_t *make_metadata(const plain_vgg *self, const provenance *from) {
    json_t *metadata = json_object();
    set_text(metadata, "arch", self->arch->name);
    json_object_set_new(metadata, "mean", triple(self->input.mean));
    json_object_set_new(metadata, "std", triple(self->input.std));
    set_text(metadata, "channel_order", self->input.bgr ? "BGR" : "RGB");
    set_text(metadata, "input_range", self->input.range == 255 ? "255" : "1");
    set_text(metadata, "normalized", from->normalized);
    set_text(metadata, "license", from->licence);
    set_text(metadata, "source", from->source);
    set_text(metadata, "source_sha256", from->source_sha256);
    set_text(metadata, "converter", "stylize-convert " STYLIZE_VERSION);
    return metadata;
}

/* Adds an entry for `count` values at *end, which moves past them; takes over `shape`. */
static void add_entry(json_t *header, const char *stem, const char *part, json_t *shape,
                      size_t count, bool as_half, size_t *end) {
    char name[40];
    const size_t begin = *end;
    *end += count * (as_half ? 2 : 4);
    snprintf(name, sizeof name, "%s.%s", stem, part);
    json_object_set_new(header, name,
                        json_pack("{s:s, s:o, s:[I, I]}", "dtype", as_half ? "F16" : "F32", "shape",
                                  shape, "data_offsets", (json_int_t)begin, (json_int_t)*end));
}

/* The header as text, to be freed, padded to the alignment; *data_size is what follows it. NULL
 * when memory is short. */
static char *make_header(const plain_vgg *self, bool as_half, const provenance *from,
                         size_t *data_size) {
    json_t *header = json_object();
    *data_size = 0;
    json_object_set_new(header, "__metadata__", make_metadata(self, from));
    for (int i = 0; i < self->conv_count; i++) {
        const vgg_conv_name name = vgg_conv_name_of(self->arch, i);
        json_t *shape = json_pack("[i, i, i, i]", self->widths[i], plain_vgg_inputs(self, i), 3, 3);
        add_entry(header, name.own, "weight", shape, plain_vgg_weight_count(self, i), as_half,
                  data_size);
        add_entry(header, name.own, "bias", json_pack("[i]", self->widths[i]),
                  (size_t)self->widths[i], as_half, data_size);
    }
    /* json_object_set_new takes NULL for what memory was too short for, and leaves it out. */
    const bool whole = json_object_size(header) == 1 + 2 * (size_t)self->conv_count;
    char *text = whole ? json_dumps(header, JSON_COMPACT) : NULL;
    json_decref(header);
    if (!text)
        return NULL;
    const size_t length = strlen(text), padded = (length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    char *grown = realloc(text, padded + 1);
    if (!grown) {
        free(text);
        return NULL;
    }
    memset(grown + length, ' ', padded - length);
    grown[padded] = '\0';
    return grown;
}

/* ---- the data ---- */

/* Puts the lowest `bytes` bytes of a number at *at, which moves past them. */
static void put(unsigned char **at, uint64_t number, int bytes) {
    for (int i = 0; i < bytes; i++)
        *(*at)++ = (unsigned char)(number >> 8 * i);
}

static void put_values(unsigned char **at, const float *values, size_t count, bool as_half) {
    for (size_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, &values[i], sizeof bits);
        if (as_half)
            put(at, half_of_float(values[i]), 2);
        else
            put(at, bits, 4);
    }
}

bool plain_vgg_write(const plain_vgg *self, bool as_half, const provenance *from, const char *path,
                     size_t *size, error *err) {
    size_t data_size;
    char *header = make_header(self, as_half, from, &data_size);
    if (!header)
        return error_set(err, ERROR_FAILURE, "%s: not enough memory for its header", path);
    const size_t header_size = strlen(header);
    *size = LENGTH_BYTES + header_size + data_size;
    unsigned char *bytes = memory_alloc(*size, 1, err), *at = bytes;
    bool ok = bytes != NULL;
    if (ok) {
        put(&at, header_size, LENGTH_BYTES);
        memcpy(at, header, header_size);
        at += header_size;
        for (int i = 0; i < self->conv_count; i++) {
            put_values(&at, self->weights[i], plain_vgg_weight_count(self, i), as_half);
            put_values(&at, self->biases[i], (size_t)self->widths[i], as_half);
        }
        ok = output_file_write(path, bytes, *size, NULL, err);
    }
    memory_free(bytes);
    free(header);
    return ok;
}
