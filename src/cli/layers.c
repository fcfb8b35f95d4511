/* SPDX-License-Identifier: MIT */
#include "cli/layers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/files.h"
#include "cli/picture.h"
#include "cli/networks.h"
#include "cli/progress.h"
#include "cli/report.h"
#include "cli/sheet.h"
#include "cli/signals.h"
#include "cli/threads.h"

static const char *const columns[] = {"relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"};
enum { COLUMNS = sizeof columns / sizeof *columns };

/* The rows of the sheet. */
enum { ROW_CONTENT, ROW_TEXTURE, ROWS };
static const char *const row_names[ROWS] = {"content", "texture"};

typedef struct layers {
    const options *options;
    stylize_recipe *recipe; /* what all pictures have in common */
    networks networks;
    stylize_image *content;
    int column_count; /* those that the network has */
    int row, column;  /* at work */
    sheet sheet;
    progress progress;
} layers;

/* ---- before the work ---- */

static bool load(layers *self, stylize_error *err) {
    char all[COLUMNS * 16] = "";
    stylize_error unused;
    for (int i = 0; i < COLUMNS; i++)
        snprintf(all + strlen(all), sizeof all - strlen(all), "%s%s", i ? "," : "", columns[i]);
    if (!stylize_recipe_set(self->recipe, "content-layers", all, err) ||
        !stylize_recipe_set(self->recipe, "style-layers", all, err))
        return false;
    networks *nets = &self->networks;
    nets->loaded[0] = stylize_network_load_for(self->recipe, nets->paths[0], err);
    while (nets->loaded[0] && self->column_count < COLUMNS &&
           stylize_network_has_layer(nets->loaded[0], columns[self->column_count], &unused))
        self->column_count++;
    return nets->loaded[0] != NULL;
}

static bool open_sheet(layers *self, int most_pixels, stylize_error *err) {
    stylize_error cause;
    int width, height;
    stylize_image_size(self->content, &width, &height);
    stylize_recipe_result_size(self->recipe, width, height, &width, &height);
    const sheet_format format = {
        .columns = self->column_count,
        .rows = ROWS,
        .cell_width = width,
        .cell_height = height,
        .gap = 6,
        .margin = 12,
    };
    return sheet_init(&self->sheet, &format, most_pixels, &cause) ||
           stylize_error_set(err, cause.status, "--size: %s: use a smaller size", cause.text);
}

static bool prepare(layers *self, stylize_error *err) {
    const options *opts = self->options;
    double most = 0;
    self->recipe = stylize_recipe_copy(opts->recipe, err);
    if (!self->recipe || !stylize_recipe_set(self->recipe, "scales", "1", err) ||
        !networks_find_one(&self->networks, stylize_recipe_weights(self->recipe), err) ||
        !files_check(opts, self->networks.paths, 1, err))
        return false;
    stylize_recipe_get_number(self->recipe, "max-pixels", &most);
    const int most_pixels = most < STYLIZE_MOST_PIXELS ? (int)most : STYLIZE_MOST_PIXELS;
    progress_begin(&self->progress, "reading the picture and the network", "");
    self->content = picture_read(opts->operands[0], most_pixels, err);
    return self->content && load(self, err) && open_sheet(self, most_pixels, err) &&
           threads_try(stylize_thread_count(opts->threads), err);
}

/* ---- a picture ---- */

/* What all start from, at the size of the result, for the caller: each value by itself within an
 * eighth of mid-grey. Forms are then those of the layers, and not, as with the recipe's noise,
 * which has blots of all sizes, those of the start; and it is faint, for what a layer cannot see of
 * it stays. */
static stylize_image *make_noise(const layers *self, stylize_error *err) {
    const int width = self->sheet.format.cell_width, height = self->sheet.format.cell_height;
    const size_t stride = (size_t)width * 3, count = stride * (size_t)height;
    unsigned char *pixels = malloc(count);
    double seed = 0;
    if (!pixels) {
        stylize_error_set(err, STYLIZE_FAILURE, "out of memory");
        return NULL;
    }
    stylize_recipe_get_number(self->recipe, "seed", &seed);
    uint64_t state = (uint64_t)seed;
    for (size_t i = 0; i < count; i++) { /* Knuth's linear congruential generator */
        state = state * 6364136223846793005u + 1442695040888963407u;
        pixels[i] = (unsigned char)(96 + (state >> 58));
    }
    stylize_image *noise =
        stylize_image_from_pixels(pixels, width, height, stride, 3, STYLIZE_U8, err);
    free(pixels);
    return noise;
}

/* The recipe of the picture at work; NULL with *err. */
static stylize_recipe *make_recipe(const layers *self, stylize_error *err) {
    const char *column = columns[self->column];
    char all[COLUMNS * 16] = "";
    const bool texture = self->row == ROW_TEXTURE;
    stylize_recipe *recipe = stylize_recipe_copy(self->recipe, err);
    for (int i = 0; i <= self->column; i++)
        snprintf(all + strlen(all), sizeof all - strlen(all), "%s%s", i ? "," : "", columns[i]);
    if (recipe && stylize_recipe_set_number(recipe, texture ? "alpha" : "beta", 0, err) &&
        stylize_recipe_set(recipe, "content-layers", texture ? columns[0] : column, err) &&
        stylize_recipe_set(recipe, "style-layers", texture ? all : column, err))
        return recipe;
    stylize_recipe_free(recipe);
    return NULL;
}

static int observe(void *user, stylize_session *session, const stylize_event *event) {
    layers *self = user;
    char text[120];
    (void)session;
    if (event->kind != STYLIZE_EVENT_ITERATION || !progress_is_due(&self->progress))
        return 0;
    snprintf(text, sizeof text, "picture %d/%d, %s of %s: iteration %d/%d",
             self->row * self->column_count + self->column + 1, ROWS * self->column_count,
             row_names[self->row], columns[self->column], event->iteration, event->iterations);
    progress_begin(&self->progress, text, "");
    return 0;
}

/* A session for the recipe; NULL with *err. */
static stylize_session *make_session(layers *self, const stylize_recipe *recipe,
                                     const stylize_image *noise, stylize_error *err) {
    stylize_session *session = stylize_session_new(recipe, err);
    if (!session)
        return NULL;
    stylize_session_set_content(session, self->content);
    stylize_session_set_style(session, self->content);
    stylize_session_set_init(session, noise);
    stylize_session_set_threads(session, self->options->threads);
    if (stylize_session_add_network(session, self->networks.loaded[0], err) &&
        stylize_session_observe(session, observe, self, 0, err))
        return session;
    stylize_session_free(session);
    return NULL;
}

static void print_picture(layers *self, const stylize_event *end) {
    char duration[32];
    progress_duration(end->seconds, duration, sizeof duration);
    progress_clear(&self->progress);
    fprintf(stderr, "%s of %s: %d %s, %s, cost %.4g\n", row_names[self->row], columns[self->column],
            end->iteration, end->iteration == 1 ? "iteration" : "iterations", duration,
            end->best_total);
}

static bool paint(layers *self, const stylize_image *noise, stylize_error *err) {
    stylize_recipe *recipe = make_recipe(self, err);
    stylize_session *session = recipe ? make_session(self, recipe, noise, err) : NULL;
    bool ok = session && stylize_session_run(session, err);
    stylize_image *picture = ok ? stylize_session_result(session, err) : NULL;
    ok = picture && sheet_put_picture(&self->sheet, self->column, self->row, picture, err);
    if (ok && self->options->verbose)
        print_picture(self, stylize_session_event(session));
    stylize_image_free(picture);
    stylize_session_free(session);
    stylize_recipe_free(recipe);
    return ok;
}

/* ---- the whole ---- */

static bool work(layers *self, stylize_error *err) {
    stylize_image *noise = make_noise(self, err);
    bool ok = noise != NULL;
    for (self->row = 0; ok && self->row < ROWS; self->row++) {
        for (self->column = 0; ok && self->column < self->column_count; self->column++)
            ok = paint(self, noise, err);
    }
    stylize_image_free(noise);
    return ok;
}

static bool save(layers *self, stylize_error *err) {
    progress_begin(&self->progress, "saving", self->options->out);
    stylize_image *out = sheet_picture(&self->sheet, err);
    const bool ok = out && files_save_out(out, self->options, err);
    stylize_image_free(out);
    return ok;
}

int layers_show(const options *opts) {
    layers self = {.options = opts};
    stylize_error err;
    signals_catch();
    progress_init(&self.progress, opts->quiet, opts->progress);
    const bool ok = prepare(&self, &err) && work(&self, &err) && save(&self, &err);
    progress_clear(&self.progress);
    sheet_clear(&self.sheet);
    stylize_image_free(self.content);
    networks_clear(&self.networks);
    stylize_recipe_free(self.recipe);
    return ok ? EXIT_DONE : report_failure(&err);
}
