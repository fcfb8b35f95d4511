/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L /* strdup, signals */
#include "convert/conversion.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/files.h"
#include "cli/weights_path.h"
#include "convert/apart.h"
#include "convert/keras.h"
#include "convert/int8.h"
#include "convert/means.h"
#include "convert/precision.h"
#include "convert/rescale.h"
#include "convert/writer.h"
#include "image/output_file.h"
#include "network/vgg_file.h"
#include "transfer/stylize.h"
#include "weights/half.h"

#define MEASURED_SIZE 512 /* pixels of the pictures' longest side, as of a run of stylize */
#define COMPARED_SIZE 256 /* enough to compare two gradients by */

static const char *base_of(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* Sets *text to a copy of the first of three that is there. */
static bool choose(char **text, const char *a, const char *b, const char *c, error *err) {
    const char *chosen = a ? a : b ? b : c;
    *text = chosen ? strdup(chosen) : NULL;
    return !chosen || *text || error_set(err, ERROR_FAILURE, "out of memory");
}

/* Licence and source as asked for, or else as known, or else as the file says. */
static bool describe(conversion *self, const char *licence, const char *source, error *err) {
    const settings *s = self->settings;
    return choose(&self->licence, s->licence, self->known ? self->known->licence : NULL, licence,
                  err) &&
           choose(&self->source, s->source, source, base_of(s->in), err);
}

static bool read_weights_file(conversion *self, error *err) {
    const settings *s = self->settings;
    vgg_file *file = vgg_file_open(s->in, err);
    if (!file)
        return false;
    const vgg_source source = vgg_file_source(file);
    const char *normalized = s->raw ? vgg_file_metadata(file, "normalized") : NULL;
    const bool ok = plain_vgg_read(&self->net, &source, s->all, err) &&
                    describe(self, vgg_file_metadata(file, "license"),
                             vgg_file_metadata(file, "source"), err) &&
                    choose(&self->normalized, normalized, NULL, NULL, err);
    if (self->known && !vgg_file_states_input(file))
        self->net.input = *self->known->input;
    vgg_file_free(file);
    return ok;
}

static bool read_network(conversion *self, error *err) {
    const settings *s = self->settings;
    const bool ok = keras_is_file(s->in) ? apart_read(keras_read, &self->net, s->in, s->all, err) &&
                                               describe(self, NULL, NULL, err)
                                         : read_weights_file(self, err);
    if (s->input)
        self->net.input = *s->input;
    return ok;
}

/* The folder of the examples, from the folders of weights: in the source, and installed. The caller
 * frees. */
static char *find_examples(error *err) {
    static const char *const places[] = {"../examples", "../doc/stylize/examples"};
    weights_folders folders;
    char path[PATH_MAX], *found = NULL;
    struct stat status;
    weights_folders_init(&folders);
    for (int i = 0; i < 2 * folders.count && !found; i++) {
        const int length =
            snprintf(path, sizeof path, "%s/%s", folders.paths[i / 2], places[i % 2]);
        if (length < (int)sizeof path && stat(path, &status) == 0 && S_ISDIR(status.st_mode))
            found = strdup(path);
    }
    weights_folders_clear(&folders);
    if (!found)
        error_set(err, ERROR_FAILURE,
                  "the examples are not found: give --pictures FOLDER (any dozen of "
                  "photographs and paintings will do), or --raw with --f16 or --f32");
    return found;
}

/* Whether activations are measured. */
static bool measures(const settings *s) {
    return !s->raw && !s->means;
}

static bool read_pictures(conversion *self, error *err) {
    char *folder = self->settings->pictures ? strdup(self->settings->pictures) : find_examples(err);
    const bool ok = folder && pictures_read(&self->pictures, folder, MEASURED_SIZE, err) &&
                    pictures_read(&self->small, folder, COMPARED_SIZE, err);
    free(folder);
    return ok;
}

/* What to divide by, and what to say of it. */
static bool measure(conversion *self, channel_means *means, error *err) {
    const settings *s = self->settings;
    char text[100];
    if (!channel_means_measure(means, &self->net, self->pictures.images, self->pictures.count, err))
        return false;
    channel_means_make_divisors(means, &self->net);
    snprintf(text, sizeof text, "mean activation 1 over %d %s at %d pixels", self->pictures.count,
             s->pictures ? "pictures" : "examples", MEASURED_SIZE);
    return choose(&self->normalized, text, NULL, NULL, err) &&
           (!s->means_out ||
            channel_means_write(means, &self->net, self->normalized, s->means_out, err));
}

static bool rescale(conversion *self, error *err) {
    const settings *s = self->settings;
    channel_means means;
    const bool ok = s->means
                        ? channel_means_read(&means, &self->net, s->means, &self->normalized, err)
                        : measure(self, &means, err);
    if (ok)
        plain_vgg_rescale(&self->net, &means);
    channel_means_clear(&means);
    return ok;
}

static bool choose_storage(conversion *self, error *err) {
    const storage wanted = self->settings->storage;
    const bool fits = plain_vgg_within(&self->net, HALF_MAX);
    self->difference = -1;
    self->stored = wanted == BY_BAR ? AS_F32 : wanted;
    if (wanted == AS_F16 && !fits)
        return error_set(err, ERROR_FAILURE, "--f16: %s has values over 65504; omit --f16",
                         self->settings->in);
    if (wanted == AS_I8 && !plain_vgg_within(&self->net, INT8_LARGEST))
        return error_set(err, ERROR_FAILURE, "--i8: %s has values over %g; omit --i8",
                         self->settings->in, (double)INT8_LARGEST);
    if (wanted != BY_BAR || !fits)
        return true;
    const pictures *p = &self->small;
    if (!plain_vgg_half_difference(&self->net, p->images[0], p->images[p->count - 1],
                                   &self->difference, err))
        return false;
    if (self->difference < PRECISION_BAR) /* not where it is not a number */
        self->stored = AS_F16;
    return true;
}

/* What licences want to be told: how the values differ from the source's. */
static const char *describe_changes(const conversion *self) {
    static const char *const texts[2][3] = {
        {NULL, "rounded to 16 bits", "rounded to 8 bits"},
        {"scaled to mean activation 1", "scaled to mean activation 1, rounded to 16 bits",
         "scaled to mean activation 1, rounded to 8 bits"},
    };
    return texts[!self->settings->raw][self->stored - AS_F32];
}

static bool write_result(conversion *self, error *err) {
    const settings *s = self->settings;
    const provenance from = {.licence = self->licence,
                             .source = self->source,
                             .source_sha256 = s->reproducible ? NULL : self->hashes.sha256,
                             .normalized = self->normalized,
                             .changes = describe_changes(self),
                             .converter = s->reproducible ? "stylize-convert"
                                                          : "stylize-convert " STYLIZE_VERSION};
    /* No signal is to leave half a network behind. */
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGXFSZ};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        signal(numbers[i], SIG_IGN);
    return plain_vgg_write(&self->net, self->stored, &from, s->out, &self->size, err);
}

/* Whether two names are of one file, there already or not. */
static bool same(const char *a, const char *b) {
    return a && b && (!strcmp(a, b) || files_same(a, b));
}

/* No file that is read is written, and none is written twice. */
static bool check_names(const settings *s, error *err) {
    if (same(s->in, s->out))
        return error_set(err, ERROR_USAGE, "%s: OUT would overwrite IN; name another file", s->out);
    if (same(s->means, s->out))
        return error_set(err, ERROR_USAGE, "%s: OUT would overwrite the means; name another file",
                         s->out);
    if (same(s->means_out, s->in) || same(s->means_out, s->out))
        return error_set(err, ERROR_USAGE, "--means-out: %s is %s, too; name another file",
                         s->means_out, same(s->means_out, s->in) ? "IN" : "OUT");
    return true;
}

bool conversion_run(conversion *self, error *err) {
    const settings *s = self->settings;
    if (!check_names(s, err))
        return false;
    if (!output_file_check(s->out, err) ||
        (s->means_out && !output_file_check(s->means_out, err)) ||
        !file_hashes_read(&self->hashes, s->in, err))
        return false;
    self->known = origin_find(&self->hashes);
    const bool needs_pictures = measures(s) || s->storage == BY_BAR;
    return read_network(self, err) && (!needs_pictures || read_pictures(self, err)) &&
           (s->raw || rescale(self, err)) && choose_storage(self, err) && write_result(self, err);
}

void conversion_clear(conversion *self) {
    plain_vgg_clear(&self->net);
    pictures_clear(&self->pictures);
    pictures_clear(&self->small);
    free(self->licence);
    free(self->source);
    free(self->normalized);
}
