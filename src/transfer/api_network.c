/* SPDX-License-Identifier: MIT
 *
 * The public API: networks, and what their files say of themselves.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/cpu.h"
#include "core/memory_limit.h"
#include "network/vgg.h"
#include "network/vgg_file.h"
#include "simd/kernels.h"
#include "transfer/api_error.h"
#include "transfer/network_defaults.h"
#include "transfer/recipe.h"

/* ---- what a recipe wants of a network ---- */

/* The kernels for a recipe, or for any. Without the division by their number the differences of the
 * content weigh so much that a step gains less than bf16 can tell. */
static const kernel_set *kernels_for(const stylize_recipe *recipe) {
    const kernel_set *bf16 = kernels_best_of(PRECISION_BF16);
    const int wanted = recipe ? recipe->precision : RECIPE_PRECISION_AUTO;
    const bool coarse = recipe && recipe->cost == RECIPE_COST_GATYS;
    return wanted == RECIPE_PRECISION_BF16 ||
                   (wanted == RECIPE_PRECISION_AUTO && bf16->bf16_products && !coarse)
               ? bf16
               : kernels_best();
}

static const char *precision_name(const kernel_set *kernels) {
    return kernels->precision == PRECISION_BF16 ? "bf16" : "fp32";
}

const char *stylize_recipe_precision(const stylize_recipe *self) {
    return precision_name(kernels_for(self));
}

/* The leading convolutions that all layers of a list take; all that there are where the source
 * lacks one of them, which is told to those who look for it. */
static int convs_to_all(const vgg_source *source, const recipe_layers *layers) {
    int most = 0;
    for (int i = 0; i < layers->count; i++) {
        const int convs = vgg_convs_to(source, layers->items[i].name);
        if (!convs)
            return source->conv_count;
        most = convs > most ? convs : most;
    }
    return most;
}

static int convs_for(const vgg_source *source, const stylize_recipe *recipe) {
    const network_defaults *suited = network_defaults_of(source->widths);
    const int content = convs_to_all(
        source, network_defaults_choose(&recipe->content_layers, &suited->content_layers));
    const int style =
        convs_to_all(source, network_defaults_choose(&recipe->style_layers, &suited->style_layers));
    return content > style ? content : style;
}

/* ---- networks ---- */

/* Whether there is memory for a network of that source; `name` is the file's. */
static bool check_memory(const vgg_source *source, const kernel_set *kernels, const char *name,
                         error *err) {
    const memory_limit limit = memory_limit_get(0);
    const size_t needed = vgg_memory(source, kernels);
    return !limit.name || needed <= limit.bytes ||
           error_set(err, ERROR_MEMORY,
                     "%s needs about %zu MB of memory, but only %zu MB are left of %s: free some "
                     "memory, or use a smaller network",
                     name, (needed >> 20) + 1, (size_t)(limit.bytes >> 20), limit.name);
}

/* Loads what a recipe wants, and without one everything. No thread is started before its memory is
 * planned: OpenMP would end the program if it could not. Closes the file. */
static vgg *load(vgg_file *file, const char *name, const stylize_recipe *recipe, error *err) {
    if (!file)
        return NULL;
    vgg_source source = vgg_file_source(file);
    const kernel_set *kernels = kernels_for(recipe);
    if (recipe)
        source.conv_count = convs_for(&source, recipe);
    const int threads = cpu_set_threads(1);
    vgg *self = check_memory(&source, kernels, name, err) ? vgg_new(&source, kernels, err) : NULL;
    cpu_set_threads(threads);
    vgg_file_free(file);
    return self;
}

stylize_network *stylize_network_load(const char *path, stylize_error *err) {
    error e;
    if (!api_given(path, "stylize_network_load: path", err))
        return NULL;
    vgg *self = load(vgg_file_open(path, &e), path, NULL, &e);
    if (!self)
        api_error(&e, err);
    return self;
}

stylize_network *stylize_network_load_for(const stylize_recipe *recipe, const char *path,
                                          stylize_error *err) {
    error e;
    if (!api_given(recipe, "stylize_network_load_for: recipe", err) ||
        !api_given(path, "stylize_network_load_for: path", err))
        return NULL;
    vgg *self = load(vgg_file_open(path, &e), path, recipe, &e);
    if (!self)
        api_error(&e, err);
    return self;
}

stylize_network *stylize_network_from_memory(const void *data, size_t size, const char *name,
                                             stylize_error *err) {
    error e;
    if (!api_given(name, "stylize_network_from_memory: name", err) ||
        (size && !api_given(data, "stylize_network_from_memory: data", err)))
        return NULL;
    vgg *self = load(vgg_file_open_memory(data, size, name, &e), name, NULL, &e);
    if (!self)
        api_error(&e, err);
    return self;
}

void stylize_network_free(stylize_network *self) {
    vgg_free(self);
}

const char *stylize_network_precision(const stylize_network *self) {
    return precision_name(self->kernels);
}

bool stylize_layer_known(const char *name) {
    return name && vgg_layer_known(name);
}

bool stylize_network_has_layer(const stylize_network *self, const char *name, stylize_error *err) {
    error e;
    return api_given(self, "stylize_network_has_layer: self", err) &&
           api_given(name, "stylize_network_has_layer: name", err) &&
           (vgg_layer_find(self, name, &e) >= 0 || api_error(&e, err));
}

/* ---- files ---- */

struct stylize_network_file {
    vgg_file *file;
    vgg_conv_name deepest;
    char parameters[24];
};

static uint64_t count_parameters(const vgg_source *source) {
    uint64_t count = 0;
    for (int i = 0; i < source->conv_count; i++)
        count += (uint64_t)source->widths[i] * (9 * (uint64_t)vgg_source_inputs(source, i) + 1);
    return count;
}

stylize_network_file *stylize_network_file_open(const char *path, stylize_error *err) {
    error e;
    if (!api_given(path, "stylize_network_file_open: path", err))
        return NULL;
    stylize_network_file *self = calloc(1, sizeof *self);
    if (!self) {
        stylize_error_set(err, STYLIZE_MEMORY, "%s: not enough memory", path);
        return NULL;
    }
    self->file = vgg_file_open(path, &e);
    if (!self->file) {
        api_error(&e, err);
        free(self);
        return NULL;
    }
    const vgg_source source = vgg_file_source(self->file);
    self->deepest = vgg_conv_name_of(source.arch, source.conv_count - 1);
    snprintf(self->parameters, sizeof self->parameters, "%" PRIu64, count_parameters(&source));
    return self;
}

const char *stylize_network_file_get(const stylize_network_file *self, const char *key) {
    if (!self || !key)
        return NULL;
    if (!strcmp(key, "architecture"))
        return vgg_file_source(self->file).arch->name;
    if (!strcmp(key, "deepest"))
        return self->deepest.own;
    if (!strcmp(key, "parameters"))
        return self->parameters;
    return vgg_file_metadata(self->file, key);
}

void stylize_network_file_free(stylize_network_file *self) {
    if (!self)
        return;
    vgg_file_free(self->file);
    free(self);
}
