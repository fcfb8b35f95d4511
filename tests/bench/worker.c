/* SPDX-License-Identifier: MIT */
#include "worker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/cpu.h"
#include "core/memory.h"
#include "cost/objective.h"
#include "optimize/optimizer.h"
#include "pictures.h"
#include "report.h"
#include "transfer/preconditioner.h"
#include "transfer/stylize.h"

#define MOST_UNITS 1000

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
    self->mark = cpu_seconds();
    return true;
}

/* Ends a unit that took `share` times what a unit takes; false when there is no more to do. */
static bool tick(talk *self, double share) {
    self->seconds[self->done++] = (cpu_seconds() - self->mark - self->spent) / share;
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

static void say_ready(double load, int threads, double total, double gradient_norm) {
    say(json_pack("{s:s, s:i, s:f, s:f, s:f}", "set", stylize_instruction_set(), "threads", threads,
                  "load_s", load, "total", total, "gradient_norm", gradient_norm));
}

/* ---- eval ---- */

static cost_layer layer_of(const vgg *network, const char *name, double weight) {
    error err;
    const int layer = vgg_layer_find(network, name, &err);
    if (layer < 0)
        fail("%s", err.text);
    return (cost_layer){layer, weight};
}

static cost_spec default_spec(const vgg *network) {
    const stylize_params p = stylize_params_default();
    cost_spec spec = {.alpha = p.alpha,
                      .beta = p.beta,
                      .tv = p.tv,
                      .content_count = p.content_layer_count,
                      .style_count = p.style_layer_count};
    for (int i = 0; i < p.content_layer_count; i++)
        spec.content[i] = layer_of(network, p.content_layers[i].name, p.content_layers[i].weight);
    for (int i = 0; i < p.style_layer_count; i++)
        spec.style[i] = layer_of(network, p.style_layers[i].name, p.style_layers[i].weight);
    return spec;
}

static void work_eval(const vgg *network, double load, int size, int threads) {
    const cost_spec spec = default_spec(network);
    image *content = picture_new(PICTURE_CONTENT, size), *style = picture_new(PICTURE_STYLE, size);
    image *start = picture_new(PICTURE_START, size);
    float *gradient = must_alloc(3 * (size_t)size, (size_t)size * sizeof *gradient);
    style_target target;
    error err;
    if (!style_target_init(&target, network, &spec, style->planes, size, size, &err))
        fail("%s", err.text);
    objective *cost = objective_new(network, &spec, content->planes, size, size, &target, &err);
    if (!cost)
        fail("%s", err.text);
    const double total = objective_eval(cost, start->planes, gradient);
    say_ready(load, threads, total, objective_values(cost)->gradient_norm);
    talk t = {0};
    for (bool more = listen(&t); more; more = tick(&t, 1))
        objective_eval(cost, start->planes, gradient);
    objective_free(cost);
    style_target_clear(&target);
    memory_free(gradient);
    image_free(content);
    image_free(style);
    image_free(start);
}

/* ---- transfer ---- */

typedef struct transfer_work {
    talk talk;
    double load;
    int threads, evaluations;
} transfer_work;

static int transfer_progress(void *user, const stylize_iteration *now) {
    transfer_work *self = user;
    const int evaluations = now->evaluations - self->evaluations;
    self->evaluations = now->evaluations;
    if (now->iteration == 0) {
        say_ready(self->load, self->threads, now->total, now->gradient_norm);
        return !listen(&self->talk);
    }
    return !tick(&self->talk, evaluations); /* a shortened step costs another evaluation */
}

static void work_transfer(const vgg *network, double load, int size, int threads) {
    transfer_work work = {.load = load, .threads = threads};
    stylize_params params = stylize_params_default();
    params.iterations = 1 << 20;
    params.size = 0;
    params.threads = threads;
    params.progress = transfer_progress;
    params.user = &work;
    stylize_error err;
    image *content = picture_new(PICTURE_CONTENT, size), *style = picture_new(PICTURE_STYLE, size);
    image *start = picture_new(PICTURE_START, size);
    image *out = stylize_transfer(network, content, style, start, &params, NULL, &err);
    if (!out)
        fail("%s", err.text);
    image_free(out);
    image_free(content);
    image_free(style);
    image_free(start);
}

/* ---- optimiser ---- */

typedef struct cheap_work {
    talk talk;
    int size, evaluations;
    preconditioner preconditioner;
} cheap_work;

/* A parabola of another steepness for each variable: sum of d (x - 1/2)^2 / 2. */
static double cheap_evaluate(void *user, const float *x, float *gradient) {
    cheap_work *self = user;
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
    self->evaluations++;
    return sum;
}

static int cheap_progress(void *user, int iteration, int evaluations) {
    cheap_work *self = user;
    (void)evaluations;
    if (iteration == 0)
        return !listen(&self->talk);
    return !tick(&self->talk, 1);
}

static double cheap_precondition(void *user, const float *v, float *out) {
    const cheap_work *self = user;
    return preconditioner_apply(&self->preconditioner, v, out);
}

static void work_optimiser(double load, int size, int threads) {
    cheap_work work = {.size = size};
    image *start = picture_new(PICTURE_START, size);
    const optimizer_problem problem = {
        .count = 3 * (size_t)size * (size_t)size,
        .evaluate = cheap_evaluate,
        .progress = cheap_progress,
        .precondition = cheap_precondition,
        .user = &work,
    };
    const optimizer_options options = {.iterations = 1 << 20, .history = 10};
    optimizer_result result;
    error err;
    if (!preconditioner_init(&work.preconditioner, 3, size, size, kernels_best(), &err))
        fail("%s", err.text);
    say_ready(load, threads, 0, 0);
    if (!lbfgs_minimize(&problem, &options, start->planes, &result, &err))
        fail("%s", err.text);
    if (result.stop != OPTIMIZER_PROGRESS)
        fail("the optimiser was done before its time was taken");
    preconditioner_clear(&work.preconditioner);
    image_free(start);
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

int worker_main(const char *mode, const char *weights, int size, int threads) {
    error err;
    cpu_set_threads(threads);
    const double start = cpu_seconds();
    vgg *network = vgg_load(weights, kernels_best(), &err);
    const double load = cpu_seconds() - start;
    if (!network)
        fail("%s", err.text);
    if (!strcmp(mode, "eval"))
        work_eval(network, load, size, threads);
    else if (!strcmp(mode, "transfer"))
        work_transfer(network, load, size, threads);
    else if (!strcmp(mode, "optimiser"))
        work_optimiser(load, size, threads);
    else
        fail("no worker's mode: %s", mode);
    say(json_pack("{s:I}", "peak_resident", (json_int_t)peak_resident()));
    vgg_free(network);
    return 0;
}
