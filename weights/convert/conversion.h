/* SPDX-License-Identifier: MIT
 *
 * One conversion, from what was asked for to the file written, in this order: read and cut, look up
 * where the file comes from, measure activations and rescale, choose F16 or F32, write.
 */
#ifndef STYLIZE_CONVERT_CONVERSION_H
#define STYLIZE_CONVERT_CONVERSION_H

#include <stdbool.h>
#include <stddef.h>

#include "convert/origin.h"
#include "convert/pictures.h"
#include "convert/plain_vgg.h"
#include "core/error.h"

typedef enum action { CONVERT, VERIFY, PRINT_HASHES } action; /* all of a file but the first */
typedef enum storage { BY_BAR, AS_F16, AS_F32 } storage;

typedef struct settings {
    const char *in, *out;
    const char *pictures; /* a folder, or NULL: the examples */
    const char *source, *licence;
    const vgg_input *input; /* or NULL: as the file says, or is known for */
    action action;
    storage storage;
    bool raw, all, quiet;
} settings;

typedef struct conversion {
    const settings *settings;
    file_hashes hashes;
    const origin *known; /* or NULL */
    plain_vgg net;
    char *licence, *source, *normalized; /* owned; NULL where nothing is known */
    pictures pictures, small;            /* the same at two sizes */
    bool as_half;
    double difference; /* of F16's gradient; negative where it was not looked at */
    size_t size;       /* of the result */
} conversion;

/* Zeroed but for the settings, which are borrowed, before it is run, and cleared after it either
 * way. False with *err: then OUT is what it was. */
bool conversion_run(conversion *self, error *err);
void conversion_clear(conversion *self);

#endif
