/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L /* fdopen, kill */
#include "process.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "timing.h"

static json_t *next_line(process *self) {
    char text[65536];
    json_t *line = fgets(text, sizeof text, self->from) ? json_loads(text, 0, NULL) : NULL;
    if (!line)
        fail("a worker gave no answer");
    return line;
}

/* In the new process. */
static void become(const bench_options *options, const process_case *c, int in, int out) {
    char size[16], threads[16];
    snprintf(size, sizeof size, "%d", c->size);
    snprintf(threads, sizeof threads, "%d", c->threads);
    if (dup2(in, STDIN_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0 &&
        !setenv("STYLIZE_ISA", c->set, 1))
        execlp(options->program, options->program, "--worker", c->mode, c->weights, size, threads,
               precision_name(options->precision), (char *)NULL);
    _exit(127);
}

json_t *process_start(process *self, const bench_options *options, const process_case *c) {
    int in[2], out[2];
    fflush(NULL);
    if (pipe(in) || pipe(out))
        fail("no pipe to a worker");
    /* Ours must not stay open in the worker, which waits for their end. */
    fcntl(in[1], F_SETFD, FD_CLOEXEC);
    fcntl(out[0], F_SETFD, FD_CLOEXEC);
    self->pid = fork();
    if (self->pid == 0)
        become(options, c, in[0], out[1]);
    close(in[0]);
    close(out[1]);
    self->to = fdopen(in[1], "w");
    self->from = fdopen(out[0], "r");
    if (self->pid < 0 || !self->to || !self->from)
        fail("a worker could not be started");
    return next_line(self);
}

double process_work(process *self, int units) {
    fprintf(self->to, "%d\n", units);
    fflush(self->to);
    json_t *line = next_line(self);
    json_t *seconds = json_object_get(line, "seconds");
    double values[1000];
    int count = 0;
    for (size_t i = 0; i < json_array_size(seconds) && count < 1000; i++)
        values[count++] = json_number_value(json_array_get(seconds, i));
    json_decref(line);
    if (count != units)
        fail("a worker did %d units of work instead of %d", count, units);
    return timing_median(values, count);
}

json_t *process_end(process *self) {
    int status;
    fclose(self->to);
    json_t *line = next_line(self);
    fclose(self->from);
    if (waitpid(self->pid, &status, 0) < 0 || status != 0)
        fail("a worker failed");
    return line;
}
