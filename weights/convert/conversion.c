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
#include "convert/precision.h"
#include "convert/rescale.h"
#include "convert/writer.h"
#include "image/output_file.h"
#include "network/vgg_file.h"

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

/* Whether the work needs pictures at all. */
static bool needs_pictures(const settings *s) {
    return !s->raw || s->storage == BY_BAR;
}

static bool read_pictures(conversion *self, error *err) {
    char *folder = self->settings->pictures ? strdup(self->settings->pictures) : find_examples(err);
    const bool ok = folder && pictures_read(&self->pictures, folder, MEASURED_SIZE, err) &&
                    pictures_read(&self->small, folder, COMPARED_SIZE, err);
    free(folder);
    return ok;
}

static bool rescale(conversion *self, error *err) {
    char text[100];
    channel_means means;
    const bool ok =
        channel_means_measure(&means, &self->net, self->pictures.images, self->pictures.count, err);
    if (ok)
        plain_vgg_rescale(&self->net, &means);
    channel_means_clear(&means);
    snprintf(text, sizeof text, "mean activation 1 over %d %s at %d pixels", self->pictures.count,
             self->settings->pictures ? "pictures" : "examples", MEASURED_SIZE);
    return ok && choose(&self->normalized, text, NULL, NULL, err);
}

static bool choose_storage(conversion *self, error *err) {
    const storage wanted = self->settings->storage;
    const bool fits = plain_vgg_fits_half(&self->net);
    self->difference = -1;
    self->as_half = wanted == AS_F16;
    if (wanted == AS_F16 && !fits)
        return error_set(err, ERROR_FAILURE, "--f16: %s has values over 65504; omit --f16",
                         self->settings->in);
    if (wanted != BY_BAR || !fits)
        return true;
    const pictures *p = &self->small;
    if (!plain_vgg_half_difference(&self->net, p->images[0], p->images[p->count - 1],
                                   &self->difference, err))
        return false;
    self->as_half = self->difference < PRECISION_BAR; /* not where it is not a number */
    return true;
}

static bool write_result(conversion *self, error *err) {
    const provenance from = {.licence = self->licence,
                             .source = self->source,
                             .source_sha256 = self->hashes.sha256,
                             .normalized = self->normalized};
    /* No signal is to leave half a file behind. */
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGXFSZ};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        signal(numbers[i], SIG_IGN);
    return plain_vgg_write(&self->net, self->as_half, &from, self->settings->out, &self->size, err);
}

bool conversion_run(conversion *self, error *err) {
    const settings *s = self->settings;
    if (files_same(s->in, s->out))
        return error_set(err, ERROR_USAGE, "%s: OUT would overwrite IN; name another file", s->out);
    if (!output_file_check(s->out, err) || !file_hashes_read(&self->hashes, s->in, err))
        return false;
    self->known = origin_find(&self->hashes);
    return read_network(self, err) && (!needs_pictures(s) || read_pictures(self, err)) &&
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
