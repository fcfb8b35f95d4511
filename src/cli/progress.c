/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE
#include "cli/progress.h"

#include <math.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "core/cpu.h"

#define INTERVAL (1.0 / 6) /* seconds between updates */

void progress_init(progress *self, bool quiet, int iterations) {
    *self = (progress){
        .live = !quiet && isatty(STDERR_FILENO),
        .iterations = iterations,
        .shown_at = -INFINITY,
    };
}

/* Columns of the terminal, 80 where it does not tell. */
static int terminal_width(void) {
    struct winsize size;
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    return 80;
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

void progress_show(progress *self, const stylize_iteration *now) {
    const double time = cpu_seconds();
    if (!self->live || time - self->shown_at < INTERVAL)
        return;
    char line[160], left[40] = "";
    int used = snprintf(line, sizeof line, "iteration %d/%d  cost %.4g", now->iteration,
                        self->iterations, now->total);
    if (now->iteration > 0) {
        const double each = now->seconds / now->iteration;
        progress_duration(each * (self->iterations - now->iteration), left, sizeof left);
        used += snprintf(line + used, sizeof line - (size_t)used, "  %.3g s/iteration  %s left",
                         each, left);
    }
    /* A line that fills the last column would wrap on some terminals, and \r not undo it. */
    const int width = terminal_width() - 1;
    fprintf(stderr, "\r%.*s\033[K", used < width ? used : width, line);
    fflush(stderr);
    self->shown = true;
    self->shown_at = time;
}

void progress_clear(progress *self) {
    if (self->shown)
        fputs("\r\033[K", stderr);
    self->shown = false;
}
