/* SPDX-License-Identifier: MIT
 *
 * One walk (pass_*) both saves and loads. What it passes:
 *
 *     head       a mark, the settings of the recipe, the shape of the plan: compared, not taken
 *     place      stage, counters, what strength has found, factors
 *     a picture  where a stage is to begin: what the one before it made
 *     a state    where one is at work: its optimiser
 *
 * A state that was loaded is looked at once: its cost, which was saved, is evaluated with the
 * pictures and networks that are there now, and must come out the same.
 */
#include <float.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/cpu.h"
#include "core/memory.h"
#include "core/stream.h"
#include "transfer/api_error.h"
#include "transfer/session.h"

#define MARK 0x53455353 /* "SSES" */
#define VERSION 1
#define MOST_COUNT (INT_MAX / 4) /* iterations, evaluations */
#define NEAR 0.02 /* of a cost: what another instruction set makes of it is far below that */

/* ---- the callbacks of the caller's ---- */

typedef struct caller {
    stylize_writer *write;
    stylize_reader *read;
    void *user;
} caller;

static bool write_bytes(void *user, const void *bytes, size_t count, error *err) {
    const caller *self = user;
    stylize_error e;
    return self->write(self->user, bytes, count, &e) || api_error_back(&e, err);
}

static bool read_bytes(void *user, void *bytes, size_t count, error *err) {
    const caller *self = user;
    stylize_error e;
    return self->read(self->user, bytes, count, &e) || api_error_back(&e, err);
}

static bool is_damaged(error *err) {
    return error_set(err, ERROR_FAILURE, "the saved session is damaged");
}

/* ---- settings ---- */

/* Says where two texts of settings differ. */
static bool refuse_settings(const char *saved, const char *own, error *err) {
    while (*saved && *own) {
        const int a = (int)strcspn(saved, "\n"), b = (int)strcspn(own, "\n");
        const int name = (int)strcspn(own, " \n") + 1;
        if (a == b && !memcmp(saved, own, (size_t)a)) {
            saved += a + (saved[a] == '\n');
            own += b + (own[b] == '\n');
            continue;
        }
        if (a <= name || b <= name || memcmp(saved, own, (size_t)name) != 0)
            break;
        return error_set(err, ERROR_FAILURE, "the saved session was made with %.*s: %.*s, not %.*s",
                         name - 1, own, a - name, saved + name, b - name, own + name);
    }
    return error_set(err, ERROR_FAILURE, "the saved session has other settings than there are now");
}

static bool pass_settings(const stylize_session *self, stream *s, error *err) {
    char saved[SESSION_MOST_SETTINGS];
    uint32_t length = (uint32_t)strlen(self->settings);
    memcpy(saved, self->settings, length);
    if (!stream_pass32(s, &length, 1, err))
        return false;
    if (length >= sizeof saved)
        return is_damaged(err);
    if (!stream_pass_bytes(s, saved, length, err))
        return false;
    saved[length] = '\0';
    return !strcmp(saved, self->settings) || refuse_settings(saved, self->settings, err);
}

/* ---- head ---- */

enum { STAGE_WORDS = 5, SHAPE_WORDS = 4 + STAGE_WORDS * RECIPE_MOST_STAGES };

/* What recipe, pictures and networks come to. */
static void make_shape(const stylize_session *self, uint32_t words[SHAPE_WORDS]) {
    const plan *made = &self->plan;
    memset(words, 0, SHAPE_WORDS * sizeof *words);
    words[0] = (uint32_t)made->count;
    words[1] = (uint32_t)self->style_count;
    words[2] = (uint32_t)self->regions.count;
    words[3] = self->init != NULL;
    for (int i = 0; i < made->count; i++) {
        const stage_settings *at = &made->stages[i];
        uint32_t *to = words + 4 + (ptrdiff_t)STAGE_WORDS * i;
        to[0] = (uint32_t)at->frame.width;
        to[1] = (uint32_t)at->frame.height;
        to[2] = (uint32_t)(at->iterations - (i + 1 == made->count ? self->more : 0));
        to[3] = (uint32_t)at->network->layer_count;
        to[4] = (uint32_t)at->network->kernels->precision;
    }
}

static bool pass_shape(const stylize_session *self, stream *s, error *err) {
    uint32_t own[SHAPE_WORDS], words[SHAPE_WORDS];
    make_shape(self, own);
    memcpy(words, own, sizeof words);
    if (!stream_pass32(s, words, SHAPE_WORDS, err))
        return false;
    for (int i = 0; i < self->plan.count; i++) {
        if (words[4 + STAGE_WORDS * i + 4] != own[4 + STAGE_WORDS * i + 4])
            return error_set(err, ERROR_FAILURE,
                             "the saved session was made with a network in another precision");
    }
    return !memcmp(words, own, sizeof own) ||
           error_set(err, ERROR_FAILURE,
                     "the saved session was made with other pictures or networks");
}

static bool pass_head(const stylize_session *self, stream *s, error *err) {
    uint32_t words[2] = {MARK, VERSION};
    if (!stream_pass32(s, words, 2, err))
        return false;
    if (words[0] != MARK)
        return error_set(err, ERROR_FAILURE, "this is no saved session");
    if (words[1] != VERSION)
        return error_set(err, ERROR_FAILURE, "the saved session has version %u, expected %u",
                         (unsigned)words[1], (unsigned)VERSION);
    return pass_settings(self, s, err) && pass_shape(self, s, err) && stream_seal(s, err);
}

/* ---- place ---- */

/* Where a session stands, but for its optimiser. */
typedef struct place {
    char instruction_set[16];
    int index, iterations, evaluations, more, retries;
    int started, converged, changed, improved, restarted, could_improve; /* 0 or 1 */
    int width, height; /* of a picture that the stage before made; 0: there is none */
    double seconds, content_power, content_error;
    double start_kinds[COST_KINDS];
    double recipe[4];           /* alpha, beta, tv, chroma_tv, as they have been set since */
    double factors[COST_KINDS]; /* at work */
    double plan[RECIPE_MOST_STAGES][COST_KINDS];
} place;

static place make_place(const stylize_session *self) {
    const stylize_recipe *recipe = self->recipe;
    place to = {
        .index = self->index,
        .iterations = self->iterations,
        .evaluations = self->evaluations,
        .more = self->more,
        .retries = self->retries,
        .started = self->started,
        .converged = self->converged,
        .changed = self->changed,
        .improved = self->improved,
        .restarted = self->restarted,
        .could_improve = self->could_improve,
        .width = self->carried ? self->carried->width : 0,
        .height = self->carried ? self->carried->height : 0,
        .seconds = cpu_seconds() - self->begin,
        .content_power = self->content_power,
        .content_error = self->content_error,
        .recipe = {recipe->alpha, recipe->beta, recipe->tv, recipe->chroma_tv},
    };
    snprintf(to.instruction_set, sizeof to.instruction_set, "%s", stylize_instruction_set());
    memcpy(to.start_kinds, self->start_kinds, sizeof to.start_kinds);
    if (self->started)
        memcpy(to.factors, self->stage->objective.spec.factors, sizeof to.factors);
    for (int i = 0; i < self->plan.count; i++)
        memcpy(to.plan[i], self->plan.stages[i].factors, sizeof to.plan[i]);
    return to;
}

static bool pass_place(place *self, stream *s, error *err) {
    int *const counts[] = {&self->index,    &self->iterations, &self->evaluations,   &self->more,
                           &self->retries,  &self->started,    &self->converged,     &self->changed,
                           &self->improved, &self->restarted,  &self->could_improve, &self->width,
                           &self->height};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        if (!stream_pass32(s, counts[i], 1, err))
            return false;
    }
    return stream_pass_bytes(s, self->instruction_set, sizeof self->instruction_set, err) &&
           stream_pass64(s, &self->seconds, 1, err) &&
           stream_pass64(s, &self->content_power, 1, err) &&
           stream_pass64(s, &self->content_error, 1, err) &&
           stream_pass64(s, self->start_kinds, COST_KINDS, err) &&
           stream_pass64(s, self->recipe, sizeof self->recipe / sizeof *self->recipe, err) &&
           stream_pass64(s, self->factors, COST_KINDS, err) &&
           stream_pass64(s, self->plan, (size_t)RECIPE_MOST_STAGES * COST_KINDS, err) &&
           stream_seal(s, err);
}

static bool is_flag(int value) {
    return value == 0 || value == 1;
}

static bool is_count(int value) {
    return value >= 0 && value < MOST_COUNT;
}

static bool are_finite(const double *values, size_t count, double least) {
    bool good = true;
    for (size_t i = 0; i < count; i++)
        good = good && isfinite(values[i]) && values[i] >= least;
    return good;
}

/* Whether what was loaded can be a place of this session. */
static bool is_possible(const place *self, const plan *made) {
    const int before = self->index - 1;
    const bool carries = self->index > 0 && !self->started;
    if (self->index < 0 || self->index >= made->count)
        return false;
    const image_extent size = carries ? (image_extent){made->stages[before].frame.width,
                                                       made->stages[before].frame.height}
                                      : (image_extent){0};
    return is_count(self->iterations) && is_count(self->evaluations) && is_count(self->more) &&
           self->more < MOST_COUNT - made->iterations && self->retries >= 0 &&
           self->retries <= SESSION_MOST_RETRIES && is_flag(self->started) &&
           is_flag(self->converged) && is_flag(self->changed) && is_flag(self->improved) &&
           is_flag(self->restarted) && is_flag(self->could_improve) && self->width == size.width &&
           self->height == size.height && are_finite(&self->seconds, 1, 0) &&
           are_finite(&self->content_power, 1, -1) && are_finite(&self->content_error, 1, -1) &&
           are_finite(self->start_kinds, COST_KINDS, -DBL_MAX) &&
           are_finite(self->recipe, sizeof self->recipe / sizeof *self->recipe, -1) &&
           are_finite(self->factors, COST_KINDS, 0) &&
           are_finite(self->plan[0], (size_t)RECIPE_MOST_STAGES * COST_KINDS, 0);
}

static void take_place(stylize_session *self, const place *from) {
    self->index = from->index;
    self->iterations = from->iterations;
    self->evaluations = from->evaluations;
    self->retries = from->retries;
    self->improved = from->improved;
    self->could_improve = from->could_improve;
    self->content_error = from->content_error;
    self->begin = cpu_seconds() - from->seconds;
    self->recipe->alpha = from->recipe[0];
    self->recipe->beta = from->recipe[1];
    self->recipe->tv = from->recipe[2];
    self->recipe->chroma_tv = from->recipe[3];
    for (int i = 0; i < self->plan.count; i++)
        memcpy(self->plan.stages[i].factors, from->plan[i], sizeof from->plan[i]);
}

/* What entering a stage has changed. */
static void take_stage_place(stylize_session *self, const place *from) {
    self->started = true;
    self->converged = from->converged;
    self->changed = from->changed;
    self->restarted = from->restarted;
    self->content_power = from->content_power;
    memcpy(self->start_kinds, from->start_kinds, sizeof self->start_kinds);
}

/* ---- iterations more ---- */

static void add_iterations(stylize_session *self, int more) {
    const int last = self->plan.count - 1;
    self->more += more;
    self->plan.iterations += more;
    self->shown.iterations += more;
    self->plan.stages[last].iterations += more;
    self->stages[last].iterations += more;
    if (self->stage && self->index == last)
        self->stage->settings.iterations += more;
    self->converged = self->converged && more == 0;
    self->event.iterations = self->plan.iterations;
}

bool stylize_session_add_iterations(stylize_session *self, int more, stylize_error *err) {
    if (more < 0 || more >= MOST_COUNT - self->plan.iterations)
        return stylize_error_set(err, STYLIZE_USAGE, "%d more iterations: that is out of range",
                                 more);
    if (!self->begun || self->ended || self->failed)
        return stylize_error_set(err, STYLIZE_USAGE,
                                 "iterations can be added to a session that has begun, or was "
                                 "loaded, and has not ended");
    add_iterations(self, more);
    return true;
}

/* ---- the picture of the stage before ---- */

/* Passes the planes of a picture of that size. */
static bool pass_picture(image *picture, stream *s, error *err) {
    const size_t count =
        IMAGE_CHANNELS * image_extent_area((image_extent){picture->width, picture->height});
    return stream_pass32(s, picture->planes, count, err) && stream_seal(s, err);
}

static bool load_picture(stylize_session *self, const place *at, stream *s, error *err) {
    self->carried = image_new(at->width, at->height, err);
    if (!self->carried || !pass_picture(self->carried, s, err))
        return false;
    const size_t count = IMAGE_CHANNELS * image_extent_area((image_extent){at->width, at->height});
    for (size_t i = 0; i < count; i++) {
        if (!(self->carried->planes[i] >= 0 && self->carried->planes[i] <= 1))
            return is_damaged(err);
    }
    return true;
}

/* ---- saving ---- */

bool stylize_session_save(stylize_session *self, stylize_writer *write, void *user,
                          stylize_error *err) {
    caller to = {.write = write, .user = user};
    stream s = {.write = write_bytes, .user = &to};
    place at;
    error e;
    if (!self->begun || self->failed)
        return stylize_error_set(err, STYLIZE_USAGE,
                                 "a session is saved after its first step, unless that failed");
    at = make_place(self);
    const bool ok = pass_head(self, &s, &e) && pass_place(&at, &s, &e) &&
                    (!self->carried || pass_picture(self->carried, &s, &e)) &&
                    (!self->started || optimizer_save(&self->stage->optimizer, &s, &e));
    return ok || api_error(&e, err);
}

/* ---- loading ---- */

/* Whether the state is one of these pictures and networks. */
static bool check_finding(const stylize_session *self, const place *at, const stage_finding *found,
                          error *err) {
    const double saved = self->stage->optimizer.value;
    const bool alike =
        !strncmp(at->instruction_set, stylize_instruction_set(), sizeof at->instruction_set - 1);
    if (alike ? found->same : fabs(found->value - saved) <= NEAR * fabs(saved))
        return true;
    return error_set(err, ERROR_FAILURE,
                     "the saved session was made with other pictures, networks or libraries: its "
                     "cost was %.9g, and comes out as %.9g",
                     saved, found->value);
}

/* The stage at work. What it starts from is written over, and need not be what it was. */
static bool load_stage(stylize_session *self, const place *at, stream *s, error *err) {
    stage_inputs inputs = session_inputs(self);
    stage_finding found;
    image *start = NULL;
    if (at->index > 0) {
        const stage_settings *before = &self->plan.stages[at->index - 1];
        start = image_new(before->frame.width, before->frame.height, err);
        if (!start)
            return false;
        inputs.start = start;
    }
    const bool ok = session_enter_stage(self, &inputs, err);
    image_free(start);
    if (!ok)
        return false;
    if (session_is_cancelled(self))
        return error_set(err, ERROR_FAILURE, "cancelled before the session was loaded");
    stage_adopt_factors(self->stage, at->factors);
    if (!stage_load(self->stage, s, &found, err) || !check_finding(self, at, &found, err))
        return false;
    take_stage_place(self, at);
    return true;
}

/* Everything; `what` is the stream. */
static stylize_progress load(stylize_session *self, void *what, error *err) {
    stream *s = what;
    place at = {.index = 0};
    if (!pass_head(self, s, err) || !pass_place(&at, s, err))
        return STYLIZE_FAILED;
    if (!is_possible(&at, &self->plan)) {
        is_damaged(err);
        return STYLIZE_FAILED;
    }
    take_place(self, &at);
    add_iterations(self, at.more);
    if ((at.width && !load_picture(self, &at, s, err)) ||
        (at.started && !load_stage(self, &at, s, err)))
        return STYLIZE_FAILED;
    self->event.kind = STYLIZE_EVENT_ITERATION;
    self->event.iteration = self->iterations;
    session_show_stage(self);
    if (self->started)
        session_show_iteration(self);
    return STYLIZE_MORE;
}

bool stylize_session_load(stylize_session *self, stylize_reader *read, void *user,
                          stylize_error *err) {
    caller from = {.read = read, .user = user};
    stream s = {.read = read_bytes, .user = &from};
    if (self->begun)
        return stylize_error_set(err, STYLIZE_USAGE,
                                 "a session is loaded in place of its first step");
    return session_work_on(self, load, &s, err) == STYLIZE_MORE;
}
