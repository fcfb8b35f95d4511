/* SPDX-License-Identifier: MIT */
#include "worker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/cpu.h"
#include "core/memory.h"
#include "cost/analysis.h"
#include "cost/objective.h"
#include "optimize/optimizer.h"
#include "pictures.h"
#include "report.h"
#include "transfer/network_defaults.h"
#include "transfer/preconditioner.h"
#include "transfer/recipe.h"
#include "transfer/stylize.h"
#include "virtual_threads.h"

#define MOST_UNITS 1000
#define HISTORY 10 /* pairs of L-BFGS */

#define VIRTUAL "virtual-"

#define NUMBER_TEXT(number) TEXT_OF(number)
#define TEXT_OF(number) #number

/* ---- the conversation ---- */

typedef struct talk {
    int asked, done; /* units of the present command */
    double seconds[MOST_UNITS];
    double mark;  /* when the present unit began */
    double spent; /* in it, but not to be counted */
} talk;

static void say(json_t *line) {
    if (!line)
        fail("a line of JSON could not be made");
    json_dumpf(line, stdout, JSON_COMPACT | JSON_REAL_PRECISION(9));
    putchar('\n');
    fflush(stdout);
    json_decref(line);
}

/* Waits for the next command; false at the end of the input. */
static bool listen(talk *self) {
    char line[32];
    if (!fgets(line, sizeof line, stdin))
        return false;
    const long asked = strtol(line, NULL, 10);
    if (asked < 1 || asked > MOST_UNITS)
        fail("a worker was asked for %ld units of work", asked);
    self->asked = (int)asked;
    self->done = 0;
    self->spent = 0;
    virtual_threads_clear();
    self->mark = cpu_seconds();
    return true;
}

/* Ends a unit that took `share` times what a unit takes; false when there is no more to do. */
static bool tick(talk *self, double share) {
    self->seconds[self->done++] = (cpu_seconds() - self->mark - self->spent) / share;
    virtual_threads_end_unit();
    if (self->done < self->asked) {
        self->spent = 0;
        self->mark = cpu_seconds();
        return true;
    }
    json_t *seconds = json_array();
    for (int i = 0; i < self->done; i++)
        json_array_append_new(seconds, json_real(self->seconds[i]));
    say(json_pack("{s:o}", "seconds", seconds));
    return listen(self);
}

/* What the network was loaded as, and in what time. */
typedef struct loaded {
    const vgg *network;
    double seconds;
    int threads;
} loaded;

static void say_ready(const loaded *from, double total, double gradient_norm) {
    const kernel_set *k = from->network->kernels;
    say(json_pack("{s:s, s:s, s:b, s:i, s:f, s:f, s:f}", "set", k->name, "precision",
                  precision_name(k->precision), "bf16_products",
                  kernels_best_of(PRECISION_BF16)->bf16_products, "threads", from->threads,
                  "load_s", from->seconds, "total", total, "gradient_norm", gradient_norm));
}

/* ---- eval ---- */

/* The cost that peers evaluate, whatever is the default. */
#define CONTENT_LAYER "relu4_2"
#define ALPHA 1
#define BETA 300
static const char *const style_layers[] = {"relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"};
enum { STYLE_LAYERS = sizeof style_layers / sizeof *style_layers };

static int find_layer(const vgg *network, const char *name) {
    error err;
    const int found = vgg_layer_find(network, name, &err);
    if (found < 0)
        fail("%s", err.text);
    return found;
}

/* It in the engine's own words: the content's term first, each with the target of its number. */
static cost_spec compared_spec(const vgg *network, cost_target targets[1 + STYLE_LAYERS]) {
    cost_spec spec = {.factors = {[COST_CONTENT] = ALPHA, [COST_GRAM] = BETA}};
    spec.terms[spec.count++] =
        (cost_term){.kind = COST_CONTENT, .layer = find_layer(network, CONTENT_LAYER), .weight = 1};
    for (int i = 0; i < STYLE_LAYERS; i++)
        spec.terms[spec.count++] = (cost_term){.kind = COST_GRAM,
                                               .layer = find_layer(network, style_layers[i]),
                                               .weight = 1.0 / STYLE_LAYERS};
    for (int i = 0; i < spec.count; i++) {
        targets[i] = (cost_target){.kind = spec.terms[i].kind, .layer = spec.terms[i].layer};
        spec.terms[i].target = &targets[i];
    }
    return spec;
}

static void work_eval(const loaded *from, int size) {
    const vgg *network = from->network;
    cost_target targets[1 + STYLE_LAYERS];
    const cost_spec spec = compared_spec(network, targets);
    image *content = picture_new(PICTURE_CONTENT, size), *style = picture_new(PICTURE_STYLE, size);
    image *start = picture_new(PICTURE_START, size);
    float *gradient = must_alloc(3 * (size_t)size, (size_t)size * sizeof *gradient);
    layout kept[2], memory;
    objective cost;
    error err;
    if (!analysis_make(network, POOLING_MAX, targets, 1, content->planes, size, size, &kept[0],
                       &err) ||
        !analysis_make(network, POOLING_MAX, targets + 1, STYLE_LAYERS, style->planes, size, size,
                       &kept[1], &err) ||
        !objective_make(&cost, network, &spec, size, size, &memory, &err))
        fail("%s", err.text);
    const double total = objective_eval(&cost, start->planes, gradient);
    say_ready(from, total, objective_values(&cost)->gradient_norm);
    talk t = {0};
    for (bool more = listen(&t); more; more = tick(&t, 1))
        objective_eval(&cost, start->planes, gradient);
    layout_free(&memory);
    for (int i = 0; i < 2; i++)
        layout_free(&kept[i]);
    memory_free(gradient);
    image_free(content);
    image_free(style);
    image_free(start);
}

/* ---- transfer ---- */

typedef struct transfer_work {
    talk talk;
    const loaded *from;
    int evaluations;
} transfer_work;

static int transfer_progress(void *user, stylize_session *session, const stylize_event *now) {
    transfer_work *self = user;
    const int evaluations = now->evaluations - self->evaluations;
    (void)session;
    if (now->kind != STYLIZE_EVENT_ITERATION)
        return 0;
    self->evaluations = now->evaluations;
    if (now->iteration == 0) {
        say_ready(self->from, now->total, now->gradient_norm);
        return !listen(&self->talk);
    }
    return !tick(&self->talk, evaluations); /* a shortened step costs another evaluation */
}

/* compared_spec as a recipe, every field that bears on it given: one stage of the pictures' size.
 */
static stylize_recipe *compared_recipe(const vgg *network) {
    char beta[32], styles[96] = "";
    const char *const fields[][2] = {
        {"alpha", NUMBER_TEXT(ALPHA)},
        {"beta", beta},
        {"tv", "0"},
        {"chroma-tv", "0"},
        {"content-layers", CONTENT_LAYER},
        {"style-layers", styles}, /* of equal weights, with sum 1 */
        {"cost", "mean"},
        {"style-cost", "gram"},
        {"color", "style"},
        {"pool", "max"},
        {"size", "0"},
        {"style-scale", "1"},
        {"scales", "1"},
        {"iterations", "1000000"},
        {"optimizer", "lbfgs"},
        {"history", NUMBER_TEXT(HISTORY)},
    };
    /* A session scales the style by what suits the network. */
    snprintf(beta, sizeof beta, "%.17g", BETA / network_defaults_of(network->widths)->style_scale);
    for (int i = 0; i < STYLE_LAYERS; i++) {
        strcat(styles, i ? "," : "");
        strcat(styles, style_layers[i]);
    }
    stylize_error err;
    stylize_recipe *recipe = stylize_recipe_new(&err);
    for (size_t i = 0; recipe && i < sizeof fields / sizeof *fields; i++) {
        if (!stylize_recipe_set(recipe, fields[i][0], fields[i][1], &err))
            fail("%s", err.text);
    }
    if (!recipe)
        fail("%s", err.text);
    return recipe;
}

static void work_transfer(const loaded *from, int size) {
    transfer_work work = {.from = from};
    stylize_recipe *recipe = compared_recipe(from->network);
    stylize_error err;
    image *content = picture_new(PICTURE_CONTENT, size), *style = picture_new(PICTURE_STYLE, size);
    image *start = picture_new(PICTURE_START, size);
    stylize_session *session = stylize_session_new(recipe, &err);
    if (!session)
        fail("%s", err.text);
    stylize_session_set_content(session, content);
    stylize_session_set_style(session, style);
    stylize_session_set_init(session, start);
    stylize_session_set_threads(session, from->threads);
    if (!stylize_session_add_network(session, from->network, &err) ||
        !stylize_session_observe(session, transfer_progress, &work, 0, &err) ||
        !stylize_session_run(session, &err))
        fail("%s", err.text);
    stylize_session_free(session);
    stylize_recipe_free(recipe);
    image_free(content);
    image_free(style);
    image_free(start);
}

/* ---- optimiser ---- */

typedef struct cheap_work {
    talk talk;
    int size, evaluations;
    optimizer run;
    preconditioner metric;
} cheap_work;

/* A parabola of another steepness for each variable: sum of d (x - 1/2)^2 / 2. */
static double cheap_evaluate(void *user, const float *x, float *gradient) {
    cheap_work *self = user;
    virtual_threads_count(false);
    const double start = cpu_seconds();
    const int rows = 3 * self->size, width = self->size;
    double sum = 0;
#pragma omp parallel for schedule(static) reduction(+ : sum)
    for (int y = 0; y < rows; y++) {
        for (int i = y * width; i < (y + 1) * width; i++) {
            const float d = (float)(1 + i % 61), off = x[i] - 0.5f;
            gradient[i] = d * off;
            sum += 0.5 * (double)d * (double)off * (double)off;
        }
    }
    self->talk.spent += cpu_seconds() - start;
    virtual_threads_count(true);
    self->evaluations++;
    return sum;
}

static double cheap_precondition(void *user, const float *v, float *out) {
    const cheap_work *self = user;
    return preconditioner_apply(&self->metric, v, out);
}

static void cheap_walk(void *user, layout *to) {
    cheap_work *self = user;
    optimizer_layout(&self->run, to);
    preconditioner_layout(&self->metric, to);
}

static void work_optimiser(const loaded *from, int size) {
    cheap_work work = {.size = size};
    image *start = picture_new(PICTURE_START, size);
    const optimizer_problem problem = {
        .count = 3 * (size_t)size * (size_t)size,
        .evaluate = cheap_evaluate,
        .precondition = cheap_precondition,
        .user = &work,
    };
    const optimizer_options options = {.kind = OPTIMIZER_LBFGS, .history = HISTORY};
    layout memory;
    error err;
    optimizer_prepare(&work.run, &problem, &options);
    preconditioner_prepare(&work.metric, 3, size, size, kernels_best());
    if (!layout_make(&memory, cheap_walk, &work, &err))
        fail("%s", err.text);
    memcpy(work.run.x, start->planes, problem.count * sizeof *work.run.x);
    image_free(start);
    say_ready(from, 0, 0);
    if (!optimizer_start(&work.run, &err))
        fail("%s", err.text);
    for (bool more = listen(&work.talk); more; more = tick(&work.talk, 1)) {
        if (optimizer_step(&work.run) != OPTIMIZER_STEPPED)
            fail("the optimiser was done before its time was taken");
    }
    layout_free(&memory);
}

/* The peak of this program alone: that of getrusage counts what the process held before it became
 * this program, which may be a large parent's. */
static size_t peak_resident(void) {
    FILE *status = fopen("/proc/self/status", "r");
    char line[128];
    size_t peak = 0;
    while (status && !peak && fgets(line, sizeof line, status)) {
        if (!strncmp(line, "VmHWM:", 6))
            peak = (size_t)strtoull(line + 6, NULL, 10) << 10;
    }
    if (status)
        fclose(status);
    return peak ? peak : memory_peak_resident();
}

int worker_main(const char *mode, const char *weights, int size, int threads, precision which) {
    error err;
    cpu_set_threads(threads);
    const double start = cpu_seconds();
    vgg *network = vgg_load(weights, kernels_best_of(which), &err);
    const loaded from = {network, cpu_seconds() - start, threads};
    if (!network)
        fail("%s", err.text);
    if (!strncmp(mode, VIRTUAL, strlen(VIRTUAL))) {
        mode += strlen(VIRTUAL);
        virtual_threads_start();
    }
    if (!strcmp(mode, "eval"))
        work_eval(&from, size);
    else if (!strcmp(mode, "transfer"))
        work_transfer(&from, size);
    else if (!strcmp(mode, "optimiser"))
        work_optimiser(&from, size);
    else
        fail("no worker's mode: %s", mode);
    say(json_pack("{s:I, s:o*}", "peak_resident", (json_int_t)peak_resident(), "threads",
                  virtual_threads_result()));
    vgg_free(network);
    return 0;
}
