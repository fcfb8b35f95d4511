/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "cli/batch.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/batch_report.h"
#include "cli/claim.h"
#include "cli/list.h"
#include "cli/painting.h"
#include "cli/record.h"
#include "cli/report.h"
#include "cli/signals.h"
#include "core/retry.h"

/* What is kept of pictures and styles for those to come. */
#define PICTURE_BYTES ((uint64_t)512 << 20)
#define STYLE_BYTES ((uint64_t)256 << 20)

/* Of the stack of a thread, which counts as memory of the process. */
#define STACK_BYTES ((size_t)2 << 20)

typedef struct run {
    const options *options;
    list list;
    store *store;
    room room;
    batch_report report;
    FILE *log;
    int shard, shards; /* this process's pictures: each index % shards == shard */
    int jobs, threads; /* pictures at a time; threads of each */
    pthread_mutex_t lock;
    pthread_cond_t moved;
    int next; /* the first index that nobody has taken */
    bool again,
        *missed; /* [list.count] which were found at work elsewhere; the second way through */
    bool over;   /* there is nothing to read ahead for */
} run;

/* ---- one picture ---- */

/* Makes the folders that a path leads through. */
static void make_folders(const char *path) {
    char folder[PATH_MAX];
    const size_t length = strlen(path);
    if (length >= sizeof folder)
        return;
    memcpy(folder, path, length + 1);
    for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(folder, 0777); /* what is wrong with it is said when OUT is checked */
        *slash = '/';
    }
}

static bool is_done(run *self, const options *opts) {
    networks nets;
    stylize_error unused;
    struct stat status;
    if (self->options->force || retry_stat(opts->out, &status) != 0)
        return false;
    bool done = networks_find(&nets, stylize_recipe_weights(opts->recipe), NULL, &unused);
    if (done) {
        digests *known = store_lock_digests(self->store);
        done = record_matches(opts->out, opts, &nets, known);
        store_unlock_digests(self->store);
    }
    networks_clear(&nets);
    return done;
}

/* The line of a picture that was painted. */
static void describe(const painting *work, char *text, size_t size) {
    const int *extent = work->job.inputs.size;
    char duration[32];
    progress_duration(work->seconds, duration, sizeof duration);
    snprintf(text, size, "%s: %dx%d, %d %s, %s%s", work->options->out, extent[0], extent[1],
             work->iterations, work->iterations == 1 ? "iteration" : "iterations", duration,
             work->stop == STYLIZE_STOP_CANCELLED ? ", interrupted: the best picture so far" : "");
}

/* Paints beside others, or with none beside it. */
static batch_end paint_once(run *self, int index, const options *opts, batch_share *share,
                            bool alone, char *text, size_t size, stylize_status *failure) {
    const company among = {
        .store = self->store,
        .room = alone ? NULL : &self->room,
        .log = self->log,
        .job = index + 1,
        .observer = batch_report_observe,
        .user = share,
    };
    painting work;
    stylize_image *out = NULL;
    stylize_error err;
    bool ok = painting_prepare(&work, opts, &among, NULL, &err);
    const bool stopped = ok && signals_stop_asked();
    if (ok && !stopped) {
        out = painting_work(&work, &err);
        ok = out && painting_save(&work, out, &err);
        if (ok && work.stop != STYLIZE_STOP_CANCELLED)
            checkpoints_remove(&work.checkpoints);
        describe(&work, text, size);
    }
    const bool ended = stopped || (ok && work.stop == STYLIZE_STOP_CANCELLED) ||
                       (!ok && !out && signals_stop_asked());
    if (!ok && !ended && (alone || err.status != STYLIZE_MEMORY)) /* else it is tried again */
        painting_log_failure(&work, &err);
    stylize_image_free(out);
    painting_clear(&work);
    if (ended)
        return BATCH_STOPPED;
    if (ok)
        return BATCH_DONE;
    *failure = err.status;
    list_place(&self->list, index, text, size);
    snprintf(text + strlen(text), size - strlen(text), "%s", err.text);
    return BATCH_FAILED;
}

/* What fails for want of memory may have failed for its neighbours: it is painted again when none
 * is at work and nothing is kept. */
static batch_end paint_picture(run *self, int index, const options *opts, batch_share *share,
                               char *text, size_t size) {
    stylize_status failure = STYLIZE_OK;
    batch_end end = paint_once(self, index, opts, share, false, text, size, &failure);
    if (end != BATCH_FAILED || failure != STYLIZE_MEMORY)
        return end;
    room_empty(&self->room);
    store_drop_unused(self->store);
    store_drop_styles(self->store);
    room_trim();
    end = signals_stop_asked() ? BATCH_STOPPED
                               : paint_once(self, index, opts, share, true, text, size, &failure);
    room_give_up(&self->room);
    return end;
}

/* Paints a picture that is this process's, as far as it has not been done meanwhile. */
static void paint_claimed(run *self, int index, const options *opts) {
    enum { TEXT = sizeof((stylize_error *)0)->text + 300 };
    char text[TEXT] = "";
    batch_share share;
    if (is_done(self, opts)) {
        snprintf(text, sizeof text, "%s: skipped, it is there", opts->out);
        batch_report_count(&self->report, BATCH_SKIPPED, text);
        return;
    }
    batch_report_begin(&share, &self->report);
    const batch_end end = paint_picture(self, index, opts, &share, text, sizeof text);
    batch_report_end(&share, end, text);
}

static void paint_index(run *self, int index) {
    options opts;
    stylize_error err;
    claim mine;
    if (!list_options(&self->list, index, &opts, &err)) {
        batch_report_count(&self->report, BATCH_FAILED, err.text);
        options_clear(&opts);
        return;
    }
    opts.threads = self->threads;
    make_folders(opts.out);
    if (opts.checkpoint)
        make_folders(opts.checkpoint);
    if (claim_make(&mine, opts.out)) {
        paint_claimed(self, index, &opts);
        claim_give_up(&mine);
    } else if (self->again) {
        char text[PATH_MAX + 40];
        snprintf(text, sizeof text, "%s: at work elsewhere", opts.out);
        batch_report_count(&self->report, BATCH_ELSEWHERE, text);
    } else {
        self->missed[index] = true;
    }
    options_clear(&opts);
}

/* ---- all pictures ---- */

static bool is_ours(const run *self, int index) {
    return index % self->shards == self->shard && (!self->again || self->missed[index]);
}

/* The next index, or -1 when there is none or a signal came. */
static int take_next(run *self) {
    int taken = -1;
    pthread_mutex_lock(&self->lock);
    while (self->next < self->list.count && !is_ours(self, self->next))
        self->next++;
    if (self->next < self->list.count && !signals_stop_asked())
        taken = self->next++;
    pthread_cond_broadcast(&self->moved);
    pthread_mutex_unlock(&self->lock);
    return taken;
}

static void *paint_many(void *user) {
    run *self = user;
    int index;
    while ((index = take_next(self)) >= 0)
        paint_index(self, index);
    return NULL;
}

/* Reads the pictures of an item into the store, as far as there is room. What is wrong with them is
 * said when it is its turn. */
static void read_ahead(run *self, int index) {
    options opts;
    stylize_error unused;
    input_name input;
    struct stat status;
    double most = 0;
    room_prepare(&self->room);
    const uint64_t spare = room_spare(&self->room, store_bytes(self->store)) / 2; /* and decoding */
    uint64_t left = spare < PICTURE_BYTES ? spare : PICTURE_BYTES;
    if (list_options(&self->list, index, &opts, &unused) &&
        (self->options->force || retry_stat(opts.out, &status) != 0)) {
        stylize_recipe_get_number(opts.recipe, "max-pixels", &most);
        for (int i = 0; options_input_at(&opts, i, &input); i++) {
            if (!strcmp(input.role, "CONTENT") || !strcmp(input.role, "STYLE"))
                left -= store_read_ahead(self->store, input.path, (int)most, left);
        }
    }
    room_give_up(&self->room);
    options_clear(&opts);
}

/* Is always one picture ahead of those that are painted. */
static void *read_many(void *user) {
    run *self = user;
    int read = -1;
    pthread_mutex_lock(&self->lock);
    while (!self->over) {
        int ahead = self->next;
        while (ahead < self->list.count && !is_ours(self, ahead))
            ahead++;
        if (ahead <= read || ahead >= self->list.count) {
            pthread_cond_wait(&self->moved, &self->lock);
            continue;
        }
        read = ahead;
        pthread_mutex_unlock(&self->lock);
        read_ahead(self, ahead);
        pthread_mutex_lock(&self->lock);
    }
    pthread_mutex_unlock(&self->lock);
    return NULL;
}

/* Once through the list. The main thread is left to signals. */
static bool go_through(run *self, stylize_error *err) {
    pthread_t *threads = calloc((size_t)self->jobs + 1, sizeof *threads);
    int started = 0, failure = threads ? 0 : ENOMEM;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    self->next = 0;
    self->over = false;
    while (!failure && started <= self->jobs) {
        failure =
            pthread_create(&threads[started], &attributes, started ? paint_many : read_many, self);
        started += !failure;
    }
    pthread_attr_destroy(&attributes);
    for (int i = 1; i < started; i++)
        pthread_join(threads[i], NULL);
    pthread_mutex_lock(&self->lock);
    self->over = true;
    pthread_cond_broadcast(&self->moved);
    pthread_mutex_unlock(&self->lock);
    if (started > 0)
        pthread_join(threads[0], NULL);
    free(threads);
    return started > 1 || stylize_error_set(err, STYLIZE_FAILURE, "no thread can be started: %s",
                                            strerror(failure));
}

/* ---- the whole ---- */

static bool read_shard(run *self, stylize_error *err) {
    int number = 0, count = 0, length = 0;
    const char *text = self->options->shard;
    /* analysed: numbers of six digits fit */
    if (sscanf(text, "%6d/%6d%n", &number, &count, &length) != 2 || text[length] || number < 1 ||
        number > count)
        return stylize_error_set(err, STYLIZE_USAGE,
                                 "--shard: '%.80s' is none: write 2/8 for the second of eight",
                                 text);
    self->shard = number - 1;
    self->shards = count;
    return true;
}

/* Refuses what is not for a list, and files that each picture would write anew. */
static bool check_options(const options *opts, stylize_error *err) {
    const char *single = list_refused(opts);
    const char *name = opts->save_pattern ? "save-pattern"
                       : opts->plot       ? "plot"
                       : opts->animation  ? "animation"
                                          : NULL;
    if (single)
        return stylize_error_set(err, STYLIZE_USAGE,
                                 "--%s is not for stylize batch: it is for a single picture",
                                 single);
    if (opts->checkpoint && !strstr(opts->checkpoint, LIST_OUT))
        return stylize_error_set(err, STYLIZE_USAGE,
                                 "--checkpoint: each picture of the list needs a file of its own: "
                                 "write " LIST_OUT " for its OUT, such as '" LIST_OUT
                                 ".checkpoint'");
    return !name || stylize_error_set(err, STYLIZE_USAGE,
                                      "--%s: each picture of the list would overwrite that of the "
                                      "one before: give it in the lines of JOBS",
                                      name);
}

/* One thread a picture, as long as there are pictures for all: see docs/batch.md. */
static void share_threads(run *self, int pictures) {
    const int threads = stylize_thread_count(self->options->threads);
    const int wanted = self->options->jobs ? self->options->jobs : threads;
    self->jobs = wanted < pictures ? wanted : pictures;
    self->threads = threads > self->jobs ? threads / self->jobs : 1;
}

static bool open_log(run *self, stylize_error *err) {
    self->log = self->options->log ? run_log_open_shared(self->options->log, err) : NULL;
    return !self->options->log || self->log;
}

static bool begin(run *self, stylize_error *err) {
    if (!check_options(self->options, err) || !read_shard(self, err) ||
        !list_make(&self->list, self->options, err) || !list_check(&self->list, err))
        return false;
    const int count = self->list.count,
              ours = (count - self->shard + self->shards - 1) / self->shards;
    self->missed = calloc((size_t)count, sizeof *self->missed);
    self->store = store_new(PICTURE_BYTES, STYLE_BYTES, err);
    if (!self->missed)
        stylize_error_set(err, STYLIZE_FAILURE, "out of memory");
    share_threads(self, ours > 0 ? ours : 1);
    self->report.total = ours > 0 ? ours : 0;
    return self->missed && self->store && open_log(self, err);
}

static bool work(run *self, stylize_error *err) {
    bool missed = false;
    if (!go_through(self, err))
        return false;
    for (int i = 0; i < self->list.count; i++)
        missed = missed || self->missed[i];
    self->again =
        true; /* those that were at work elsewhere may be done by now, or have been left */
    return !missed || signals_stop_asked() || go_through(self, err);
}

int batch(const options *opts) {
    run self = {.options = opts};
    stylize_error err;
    room_init(&self.room);
    batch_report_init(&self.report, opts);
    pthread_mutex_init(&self.lock, NULL);
    pthread_cond_init(&self.moved, NULL);
    bool ok = begin(&self, &err);
    if (ok) {
        signals_catch_for_list();
        ok = work(&self, &err);
    }
    int code = ok ? batch_report_sum(&self.report) : report_failure(&err);
    if (self.log && (self.log == stdout ? fflush(stdout) : retry_fclose(self.log)) != 0) {
        stylize_error_set(&err, STYLIZE_FAILURE, "--log: cannot write %s: %s", opts->log,
                          strerror(errno));
        code = report_failure(&err);
    }
    batch_report_clear(&self.report);
    list_clear(&self.list);
    store_free(self.store);
    free(self.missed);
    room_clear(&self.room);
    pthread_mutex_destroy(&self.lock);
    pthread_cond_destroy(&self.moved);
    return code;
}
