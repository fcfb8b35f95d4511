/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE
#include "cli/progress.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "report/text.h"

/* Seconds between iterations that are shown: rewritten in place; as lines. */
#define TERMINAL_INTERVAL (1.0 / PROGRESS_MOST)
#define LINES_INTERVAL 1.0

/* ---- pace ---- */

enum { ENDS = sizeof((progress_pace *)0)->ends / sizeof(double) };

void progress_pace_add(progress_pace *self, double seconds) {
    self->ends[self->count++ % ENDS] = seconds;
}

double progress_pace_each(const progress_pace *self) {
    const int last = self->count - 1;
    if (last < 1)
        return 0;
    const int oldest = last >= ENDS ? last - ENDS + 1 : 0;
    const int first = oldest == 0 && last > 1 ? 1 : oldest;
    return (self->ends[last % ENDS] - self->ends[first % ENDS]) / (last - first);
}

void progress_duration(double seconds, char *text, int size) {
    const double whole = seconds > 0 ? floor(seconds + 0.5) : 0;
    if (whole < 60)
        snprintf(text, (size_t)size, "%.0f s", whole);
    else if (whole < 3600)
        snprintf(text, (size_t)size, "%.0f min %02.0f s", floor(whole / 60), fmod(whole, 60));
    else
        snprintf(text, (size_t)size, "%.0f h %02.0f min", floor(whole / 3600),
                 floor(fmod(whole, 3600) / 60));
}

static double pixels(const stylize_stage *stage) {
    return (double)stage->width * stage->height;
}

double progress_seconds_left(const stylize_plan *plan, const stylize_event *event, double each) {
    double iterations = event->plan->iterations - event->stage_iteration; /* of this stage's size */
    for (int i = event->stage + 1; i < plan->stage_count; i++)
        iterations += plan->stages[i]->iterations * pixels(plan->stages[i]) / pixels(event->plan);
    return each * iterations;
}

/* ---- showing ---- */

void progress_init(progress *self, bool quiet, bool forced) {
    const bool terminal = isatty(STDERR_FILENO);
    *self = (progress){
        .live = forced || (terminal && !quiet),
        .lines = !terminal,
    };
    for (int i = 0; i < PROGRESS_MOST; i++)
        self->shown_at[i] = -INFINITY;
}

/* Seconds since some moment. */
static double clock_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Columns of the terminal, 80 where it does not tell. */
static int terminal_width(void) {
    struct winsize size;
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    return 80;
}

/* Whether something may be shown that comes `interval` seconds after what was before it. */
static bool is_time(const progress *self, double time, double interval) {
    const int newest = (self->next + PROGRESS_MOST - 1) % PROGRESS_MOST;
    return self->live && time - self->shown_at[self->next] >= 1 &&
           time - self->shown_at[newest] >= interval;
}

bool progress_is_due(const progress *self) {
    return is_time(self, clock_seconds(), self->lines ? LINES_INTERVAL : TERMINAL_INTERVAL);
}

/* `text` has `length` bytes, all of them ASCII or of a file's name. */
static void show(progress *self, double time, const char *text, int length) {
    if (self->lines) {
        fprintf(stderr, "%s\n", text);
    } else {
        /* A line that fills the last column would wrap on some terminals, and \r not undo it. */
        const int room = terminal_width() - 1, width = length < room ? length : room;
        const int rest = self->width < room ? self->width - width : room - width;
        fprintf(stderr, "\r%.*s%*s", width, text, rest > 0 ? rest : 0, "");
        self->width = width;
    }
    fflush(stderr);
    self->shown_at[self->next] = time;
    self->next = (self->next + 1) % PROGRESS_MOST;
}

void progress_begin(progress *self, const char *what, const char *of) {
    char line[160], clean[4096], shorter[80];
    const double time = clock_seconds();
    if (!is_time(self, time, 0))
        return;
    text_clean(of, clean, sizeof clean);
    text_shorten(clean, shorter, sizeof shorter);
    snprintf(line, sizeof line, "%s%s%s", what, *of ? " " : "", shorter);
    show(self, time, line, (int)strlen(line));
}

/* ---- observing ---- */

/* Writes which stage is at work, where there are several; returns the length. */
static int write_stage(const stylize_event *event, char *text, size_t size) {
    *text = '\0';
    if (event->stage_count == 1)
        return 0;
    return snprintf(text, size, "stage %d/%d %dx%d  ", event->stage + 1, event->stage_count,
                    event->plan->width, event->plan->height);
}

static void show_phase(progress *self, const stylize_event *event) {
    static const char *const words[] = {
        [STYLIZE_PHASE_RESIZE] = "resizing the pictures",
        [STYLIZE_PHASE_STYLE] = "analysing the style",
        [STYLIZE_PHASE_CONTENT] = "analysing the content",
        [STYLIZE_PHASE_OPTIMIZE] = "optimising",
    };
    char line[160];
    const int used = write_stage(event, line, sizeof line);
    snprintf(line + used, sizeof line - (size_t)used, "%s", words[event->phase]);
    progress_begin(self, line, "");
}

static void show_iteration(progress *self, const stylize_event *event) {
    const double time = clock_seconds();
    char line[200], left[40];
    if (!progress_is_due(self))
        return;
    int used = write_stage(event, line, sizeof line);
    used += snprintf(line + used, sizeof line - (size_t)used, "iteration %d/%d  cost %.4g",
                     event->iteration, event->iterations, event->total);
    if (self->each > 0) {
        progress_duration(progress_seconds_left(self->plan, event, self->each), left, sizeof left);
        used += snprintf(line + used, sizeof line - (size_t)used, "  %.3g s/iteration  %s left",
                         self->each, left);
    }
    show(self, time, line, used);
}

/* A stage begins: until its own iterations tell, they take what the last ones did by pixel. */
static void begin_stage(progress *self, const stylize_event *event) {
    if (event->stage > 0)
        self->each *= pixels(event->plan) / pixels(self->plan->stages[event->stage - 1]);
    self->pace = (progress_pace){0};
}

int progress_observe(void *user, stylize_session *session, const stylize_event *event) {
    progress *self = user;
    (void)session;
    switch (event->kind) {
    case STYLIZE_EVENT_STAGE:
        begin_stage(self, event);
        break;
    case STYLIZE_EVENT_PHASE:
        show_phase(self, event);
        break;
    case STYLIZE_EVENT_ITERATION:
        progress_pace_add(&self->pace, event->seconds);
        if (event->stage_iteration > 0)
            self->each = progress_pace_each(&self->pace);
        show_iteration(self, event);
        break;
    case STYLIZE_EVENT_END:
        break;
    }
    return 0;
}

void progress_clear(progress *self) {
    if (self->width)
        fprintf(stderr, "\r%*s\r", self->width, "");
    self->width = 0;
}
