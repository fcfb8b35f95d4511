/* SPDX-License-Identifier: MIT
 *
 * One conversion, from what was asked for to the file written, in this order: read and cut, look up
 * where the file comes from, measure activations and rescale, choose how to store, write.
 */
#ifndef STYLIZE_CONVERT_CONVERSION_H
#define STYLIZE_CONVERT_CONVERSION_H

#include <stdbool.h>
#include <stddef.h>

#include "convert/origin.h"
#include "convert/pictures.h"
#include "convert/plain_vgg.h"
#include "convert/writer.h"
#include "core/error.h"

typedef enum action { CONVERT, VERIFY, PRINT_HASHES } action; /* all of a file but the first */

typedef struct settings {
    const char *in, *out;
    const char *pictures;  /* a folder, or NULL: the examples */
    const char *means;     /* a file of means to take instead, or NULL */
    const char *means_out; /* where to write those that were measured, or NULL */
    const char *source, *licence;
    const vgg_input *input; /* or NULL: as the file says, or is known for */
    action action;
    storage storage;
    bool raw, all, quiet;
    bool reproducible; /* the result depends on nothing but IN's values and these settings */
} settings;

typedef struct conversion {
    const settings *settings;
    file_hashes hashes;
    const origin *known; /* or NULL */
    plain_vgg net;
    char *licence, *source, *normalized; /* owned; NULL where nothing is known */
    pictures pictures, small;            /* the same at two sizes */
    storage stored;
    double difference; /* of F16's gradient; negative where it was not looked at */
    size_t size;       /* of the result */
} conversion;

/* Zeroed but for the settings, which are borrowed, before it is run, and cleared after it either
 * way. False with *err: then OUT is what it was. */
bool conversion_run(conversion *self, error *err);
void conversion_clear(conversion *self);

#endif
