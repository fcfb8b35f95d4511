/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE
#include "cli/progress.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "core/cpu.h"

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

/* ---- showing ---- */

void progress_init(progress *self, bool quiet, bool forced, int iterations) {
    const bool terminal = isatty(STDERR_FILENO);
    *self = (progress){
        .live = forced || (terminal && !quiet),
        .lines = !terminal,
        .iterations = iterations,
    };
    for (int i = 0; i < PROGRESS_MOST; i++)
        self->shown_at[i] = -INFINITY;
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
    char line[160];
    const double time = cpu_seconds();
    if (!is_time(self, time, 0))
        return;
    snprintf(line, sizeof line, "%s%s%.80s", what, *of ? " " : "", of);
    show(self, time, line, (int)strlen(line));
}

void progress_iteration(progress *self, const stylize_iteration *now) {
    const double time = cpu_seconds();
    char line[160], left[40];
    progress_pace_add(&self->pace, now->seconds);
    if (!is_time(self, time, self->lines ? LINES_INTERVAL : TERMINAL_INTERVAL))
        return;
    int used = snprintf(line, sizeof line, "iteration %d/%d  cost %.4g", now->iteration,
                        self->iterations, now->total);
    if (now->iteration > 0) {
        const double each = progress_pace_each(&self->pace);
        progress_duration(each * (self->iterations - now->iteration), left, sizeof left);
        used += snprintf(line + used, sizeof line - (size_t)used, "  %.3g s/iteration  %s left",
                         each, left);
    }
    show(self, time, line, used);
}

void progress_clear(progress *self) {
    if (self->width)
        fprintf(stderr, "\r%*s\r", self->width, "");
    self->width = 0;
}
