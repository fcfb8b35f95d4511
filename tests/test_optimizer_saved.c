/* SPDX-License-Identifier: MIT
 *
 * Saved optimisers: what is loaded in another process goes on with the same bits, on a function
 * that makes every part of the state matter; cancelled steps are taken again; and nothing that is
 * not such a state is taken for one.
 */
#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "byte_buffer.h"
#include "core/cpu.h"
#include "optimizing.h"
#include "transfer/preconditioner.h"

enum { HEIGHT = 37, WIDTH = 41, COUNT = 3 * HEIGHT * WIDTH, STEPS = 60, EVERY = 7, METHODS = 3 };

/* ---- the problem ---- */

/* A problem, its optimiser and the memory of both. */
typedef struct work {
    optimizer run;
    preconditioner metric;
    layout memory;
    bool fails;
    int asked, cancel; /* how often cancellation was asked for; in how many cases it comes */
} work;

/* Bowls with their bottoms on both sides of the box, coupled by neighbours, with waves; and some
 * evaluations fail, by their number. */
static double evaluate(void *user, const float *x, float *gradient) {
    const work *self = user;
    const int number = self->run.evaluations;
    double sum = 0;
    memset(gradient, 0, COUNT * sizeof *gradient);
    for (int i = 0; i < COUNT; i++) {
        const int next = (i + 1) % COUNT;
        const double v = (double)x[i], w = 1 + i % 37, d = v - (i * 7 % 11 * 0.2 - 0.5);
        const double e = v - (double)x[next];
        sum += w * d * d + 2 * e * e + 0.05 * cos(25 * v + i);
        gradient[i] += (float)(2 * w * d + 4 * e - 25 * 0.05 * sin(25 * v + i));
        gradient[next] -= (float)(4 * e);
    }
    return self->fails && number % 19 / 2 == 5 ? NAN : sum;
}

static double precondition(void *user, const float *v, float *out) {
    const work *self = user;
    return preconditioner_apply(&self->metric, v, out);
}

static bool cancelled(void *user) {
    work *self = user;
    self->asked++; /* mixed, or a step with two evaluations would never end */
    return self->cancel &&
           ((unsigned)self->asked * 2654435761u >> 20) % (unsigned)self->cancel == 0;
}

static void walk(void *part, layout *to) {
    work *self = part;
    optimizer_layout(&self->run, to);
    preconditioner_layout(&self->metric, to);
}

/* Placed, at the start's x, not started. */
static bool open_work(work *self, optimizer_kind kind) {
    const optimizer_problem problem = {.count = COUNT,
                                       .evaluate = evaluate,
                                       .precondition = precondition,
                                       .cancelled = cancelled,
                                       .user = self};
    const optimizer_options options = {.kind = kind, .history = 5};
    error err;
    *self = (work){.fails = true};
    optimizer_prepare(&self->run, &problem, &options);
    preconditioner_prepare(&self->metric, 3, HEIGHT, WIDTH, kernels_best());
    if (!layout_make(&self->memory, walk, self, &err))
        return false;
    for (int i = 0; i < COUNT; i++) /* many of them on the bounds */
        self->run.x[i] = fminf(fmaxf((float)(i * 13 % 17) / 8 - 0.5f, 0), 1);
    return true;
}

/* ---- another process ---- */

static bool write_file(void *user, const void *bytes, size_t count, error *err) {
    return fwrite(bytes, 1, count, user) == count || error_set(err, ERROR_FAILURE, "not written");
}

static bool read_file(void *user, void *bytes, size_t count, error *err) {
    return fread(bytes, 1, count, user) == count || error_set(err, ERROR_FAILURE, "not read");
}

static bool save_file(const optimizer *run, const char *path) {
    error err;
    FILE *file = fopen(path, "wb");
    stream s = {.write = write_file, .user = file};
    const bool ok = file && optimizer_save(run, &s, &err);
    return file && !fclose(file) && ok;
}

static bool load_file(optimizer *run, const char *path) {
    error err;
    FILE *file = fopen(path, "rb");
    stream s = {.read = read_file, .user = file};
    const bool ok = file && optimizer_load(run, &s, &err) && fgetc(file) == EOF;
    return file && !fclose(file) && ok;
}

/* Whether what the test is for has happened: variables on the bounds, steps that were taken back.
 */
static bool was_lively(const optimizer *run) {
    int held = 0;
    for (int i = 0; i < COUNT; i++)
        held += run->x[i] <= 0 || run->x[i] >= 1;
    return held > COUNT / 10 && run->evaluations > run->iterations + 1;
}

/* From the start, or from a file, to an iteration, and what is there then to a file. In a process
 * of its own; true when that did well. */
static bool work_apart(optimizer_kind kind, const char *from, int until, const char *to,
                       int threads) {
    fflush(NULL);
    const pid_t child = fork();
    if (child == 0) {
        work self;
        error err;
        cpu_set_threads(threads);
        bool ok = open_work(&self, kind) &&
                  (from ? load_file(&self.run, from) : optimizer_start(&self.run, &err));
        while (ok && self.run.iterations < until)
            ok = optimizer_step(&self.run) == OPTIMIZER_STEPPED;
        ok = ok && (until < STEPS || was_lively(&self.run)) && save_file(&self.run, to);
        layout_free(&self.memory);
        _exit(!ok);
    }
    int status;
    return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) &&
           WEXITSTATUS(status) == 0;
}

static byte_buffer read_all(const char *path) {
    byte_buffer all = {.bytes = malloc(1 << 22)};
    FILE *file = fopen(path, "rb");
    assert_true(file && all.bytes);
    all.count = fread(all.bytes, 1, 1 << 22, file);
    assert_true(feof(file));
    fclose(file);
    return all;
}

/* The state after 60 steps holds all that was ever decided. This process steps nothing, so that
 * those it forks know nothing. */
static void test_another_process_goes_on(void **state) {
    (void)state;
    char folder[] = "/tmp/stylize-test-XXXXXX", paths[3][64];
    assert_non_null(mkdtemp(folder));
    for (int i = 0; i < 3; i++)
        snprintf(paths[i], sizeof paths[i], "%s/%d", folder, i);
    for (int m = 0; m < METHODS; m++) {
        const optimizer_kind kind = (optimizer_kind)m;
        assert_true(work_apart(kind, NULL, STEPS, paths[0], 1));
        byte_buffer expected = read_all(paths[0]);
        for (int at = 0; at < STEPS; at += EVERY) {
            assert_true(work_apart(kind, NULL, at, paths[1], 1));
            assert_true(work_apart(kind, paths[1], STEPS, paths[2], 2));
            byte_buffer found = read_all(paths[2]);
            assert_int_equal(found.count, expected.count);
            if (memcmp(found.bytes, expected.bytes, found.count))
                fail_msg("%s: saved after %d steps, it goes on otherwise", optimizer_name(kind),
                         at);
            free(found.bytes);
        }
        free(expected.bytes);
    }
    for (int i = 0; i < 3; i++)
        unlink(paths[i]);
    rmdir(folder);
}

/* ---- cancelling ---- */

/* Whichever evaluation a step is cancelled before, the next goes on as if nothing had been. */
static void test_cancelled_steps_are_taken_again(void **state) {
    (void)state;
    for (int m = 0; m < METHODS; m++) {
        work plain;
        error err;
        assert_true(open_work(&plain, (optimizer_kind)m));
        plain.fails = m != OPTIMIZER_LBFGS; /* where evaluations of cancelled steps count */
        assert_true(optimizer_start(&plain.run, &err));
        for (int i = 0; i < STEPS; i++)
            assert_int_equal(optimizer_step(&plain.run), OPTIMIZER_STEPPED);
        for (int cancel = 2; cancel < 6; cancel++) {
            work other;
            int cancellations = 0;
            assert_true(open_work(&other, (optimizer_kind)m));
            other.fails = plain.fails;
            assert_true(optimizer_start(&other.run, &err));
            other.cancel = cancel;
            while (other.run.iterations < STEPS) {
                const int iterations = other.run.iterations;
                const optimizer_status status = optimizer_step(&other.run);
                cancellations += status == OPTIMIZER_CANCELLED;
                assert_true(status == OPTIMIZER_STEPPED || status == OPTIMIZER_CANCELLED);
                assert_int_equal(other.run.iterations, iterations + (status == OPTIMIZER_STEPPED));
            }
            assert_true(cancellations >= STEPS / 2 / cancel);
            assert_true(other.run.value == plain.run.value);
            assert_memory_equal(other.run.x, plain.run.x, COUNT * sizeof(float));
            assert_memory_equal(other.run.gradient, plain.run.gradient, COUNT * sizeof(float));
            assert_true(m == OPTIMIZER_LBFGS || other.run.evaluations == plain.run.evaluations);
            layout_free(&other.memory);
        }
        layout_free(&plain.memory);
    }
}

/* ---- damage ---- */

enum { FEW = OPTIMIZING_COUNT };

static double coupled(void *user, const float *x, float *gradient) {
    (void)user;
    return optimizing_coupled(x, gradient);
}

static layout place_few(optimizer *run, optimizer_options options, size_t count) {
    const optimizer_problem problem = {.count = count, .evaluate = coupled};
    return optimizing_place(run, &problem, &options);
}

/* Some steps on. */
static layout start_few(optimizer *run, optimizer_kind kind) {
    error err;
    const layout memory = place_few(run, (optimizer_options){.kind = kind, .history = 2}, FEW);
    for (int i = 0; i < FEW; i++)
        run->x[i] = 0.5f;
    assert_true(optimizer_start(run, &err));
    for (int i = 0; i < 5; i++)
        assert_int_equal(optimizer_step(run), OPTIMIZER_STEPPED);
    return memory;
}

static byte_buffer save(const optimizer *run) {
    byte_buffer saved = {0};
    error err;
    stream s = byte_buffer_writer(&saved);
    assert_true(optimizer_save(run, &s, &err));
    return saved;
}

/* Refused with one line of text, or loaded, and then a step does no harm. */
static bool try_load(optimizer *run, byte_buffer *saved, error *err) {
    stream s = byte_buffer_reader(saved);
    *err = (error){.code = ERROR_NONE};
    if (optimizer_load(run, &s, err)) {
        optimizer_step(run);
        return true;
    }
    assert_int_equal(err->code, ERROR_FAILURE);
    assert_in_range(strlen(err->text), 10, 200);
    return false;
}

typedef struct failing {
    int evaluations, left; /* those until a step is cancelled */
} failing;

/* Nothing is finite but the start. */
static double fail_evaluate(void *user, const float *x, float *gradient) {
    failing *self = user;
    const double value = optimizing_coupled(x, gradient);
    return self->evaluations++ ? NAN : value;
}

static bool fail_cancelled(void *user) {
    failing *self = user;
    return self->left-- == 0;
}

/* What has failed in a step that was cancelled counts where it is loaded: it gives up with it. */
static void test_failures_are_saved(void **state) {
    (void)state;
    static const optimizer_kind kinds[] = {OPTIMIZER_ADAM, OPTIMIZER_GD};
    for (int k = 0; k < 2; k++) {
        failing user = {.left = 7};
        const optimizer_problem problem = {.count = FEW,
                                           .evaluate = fail_evaluate,
                                           .cancelled = fail_cancelled,
                                           .user = &user};
        const optimizer_options options = {.kind = kinds[k]};
        optimizer run, other;
        error err;
        layout memory = optimizing_place(&run, &problem, &options);
        layout more = optimizing_place(&other, &problem, &options);
        for (int i = 0; i < FEW; i++)
            run.x[i] = 0.5f;
        assert_true(optimizer_start(&run, &err));
        assert_int_equal(optimizer_step(&run), OPTIMIZER_CANCELLED);
        assert_int_equal(run.evaluations, 1 + 7);
        byte_buffer saved = save(&run);
        stream s = byte_buffer_reader(&saved);
        assert_true(optimizer_load(&other, &s, &err));
        user.left = -1; /* never */
        assert_int_equal(optimizer_step(&run), OPTIMIZER_CONVERGED);
        assert_int_equal(optimizer_step(&other), OPTIMIZER_CONVERGED);
        assert_int_equal(other.evaluations, run.evaluations);
        free(saved.bytes);
        layout_free(&memory);
        layout_free(&more);
    }
}

/* Every bit that is another, every length that is too short; what is whole is loaded then. */
static void test_damage_is_refused(void **state) {
    (void)state;
    for (int m = 0; m < METHODS; m++) {
        optimizer run, other;
        error err;
        layout memory = start_few(&run, (optimizer_kind)m);
        layout more = place_few(&other, run.options, FEW);
        byte_buffer saved = save(&run);
        for (size_t bit = 0; bit < 8 * saved.count; bit += 1 + bit % 3) {
            saved.bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
            assert_false(try_load(&other, &saved, &err));
            saved.bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
        }
        const size_t whole = saved.count;
        for (saved.count = 0; saved.count < whole; saved.count++)
            assert_false(try_load(&other, &saved, &err));
        assert_true(try_load(&other, &saved, &err));
        optimizer_step(&run);
        assert_memory_equal(other.x, run.x, FEW * sizeof *run.x);
        free(saved.bytes);
        layout_free(&memory);
        layout_free(&more);
    }
}

/* The bytes with one word changed and a checksum that fits. */
static byte_buffer forge(const byte_buffer *saved, size_t word, uint32_t value) {
    byte_buffer forged = {0};
    error err;
    stream from = {0}, to = byte_buffer_writer(&forged);
    byte_buffer copy = *saved;
    from = byte_buffer_reader(&copy);
    for (size_t i = 0; i < saved->count / 4 - 2; i++) {
        uint32_t found;
        assert_true(stream_pass32(&from, &found, 1, &err));
        assert_true(stream_pass32(&to, i == word ? &value : &found, 1, &err));
    }
    assert_true(stream_seal(&to, &err));
    return forged;
}

/* Any word may say anything: where that is believed, it does no harm. */
static void test_forgeries_do_no_harm(void **state) {
    (void)state;
    static const uint32_t values[] = {0, 3, 0x7fffffff, 0x80000000, 0xffffffff, 0x7fc00000};
    for (int m = 0; m < METHODS; m++) {
        optimizer run;
        error err;
        layout memory = start_few(&run, (optimizer_kind)m);
        byte_buffer saved = save(&run);
        int refused = 0;
        for (size_t word = 0; word < saved.count / 4 - 2; word += word < 300 ? 1 : 37) {
            for (size_t k = 0; k < sizeof values / sizeof *values; k++) {
                byte_buffer forged = forge(&saved, word, values[k]);
                refused += !try_load(&run, &forged, &err);
                free(forged.bytes);
            }
        }
        assert_true(refused > 300);
        assert_true(try_load(&run, &saved, &err));
        free(saved.bytes);
        layout_free(&memory);
    }
}

typedef struct field {
    size_t word;
    uint32_t value;
    const char *text;
} field;

/* What stands at the beginning, and the values. */
static void test_what_is_refused(void **state) {
    (void)state;
    static const field fields[] = {
        {0, 1, "this is not a saved state of an optimiser"},
        {1, 4, "has version 4, expected 3"},
        {2, OPTIMIZER_GD, "belongs to gd, not to adam"},
        {2, 99, "belongs to another optimiser, not to adam"},
        {4, FEW - 1, "a different number of variables"},
        {5, 1, "a different number of variables"},
        {3, 7, "a different history, learning rate, beta or average"},
        {7, 0x3fe00000, "a different history, learning rate, beta or average"},
        {9, 0x3fe00000, "a different history, learning rate, beta or average"},
        {11, 0x3fe00000, "a different history, learning rate, beta or average"},
        {12, 0xffffffff, "damaged"}, /* iterations */
        {12, 6, "damaged"},          /* as many as evaluations */
        {13, 0x7fffffff, "damaged"}, /* evaluations */
        {14, 6, "damaged"},          /* the best iteration is to come */
        {15, 0xffffffff, "damaged"}, /* iterates in the average */
        {17, 0x7ff00000, "damaged"}, /* the value */
        {20, 0x3f810000, "damaged"}, /* x: above 1, */
        {20, 0xbf000000, "damaged"}, /* below 0, */
        {20, 0x7fc00000, "damaged"}, /* not a number */
        {20 + FEW, 0x7f800000, "damaged"},
        {20 + 2 * FEW, 0x40000000, "damaged"}, /* the best x */
        {20 + 3 * FEW, 6, "damaged"},          /* steps of the moments */
        {20 + 3 * FEW + 4, 0x7f800000, "damaged"},
        {20 + 4 * FEW + 4, 0xbf800000, "damaged"},
    };
    optimizer run;
    error err;
    layout memory = start_few(&run, OPTIMIZER_ADAM);
    byte_buffer saved = save(&run);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        byte_buffer forged = forge(&saved, fields[i].word, fields[i].value);
        if (try_load(&run, &forged, &err) || !strstr(err.text, fields[i].text))
            fail_msg("word %zu: \"%s\" instead of \"%s\"", fields[i].word, err.text,
                     fields[i].text);
        free(forged.bytes);
    }
    free(saved.bytes);
    layout_free(&memory);
}

/* Threads that wait for one another cost more than the small work here. */
static int one_thread(void **state) {
    (void)state;
    cpu_set_threads(1);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_another_process_goes_on), /* first: it is to fork a fresh process */
        cmocka_unit_test(test_cancelled_steps_are_taken_again),
        cmocka_unit_test(test_failures_are_saved),
        cmocka_unit_test(test_damage_is_refused),
        cmocka_unit_test(test_forgeries_do_no_harm),
        cmocka_unit_test(test_what_is_refused),
    };
    return cmocka_run_group_tests(tests, one_thread, NULL);
}
