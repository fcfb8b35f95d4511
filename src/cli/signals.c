/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L /* sigaction */
#include "cli/signals.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

static bool begun;
static pthread_t main_thread;
static volatile sig_atomic_t terminal;       /* messages go to one, perhaps into a live line */
static stylize_session *volatile running;    /* to be cancelled, or NULL */
static volatile sig_atomic_t picture_exists; /* to be saved */
static volatile sig_atomic_t stop_asked;     /* after that */
static volatile sig_atomic_t end_asked;
static volatile sig_atomic_t caught; /* by a way of use that has more to say than that */
static volatile sig_atomic_t many;   /* pictures of a list */
static volatile sig_atomic_t reader_awaited;
static atomic_int held;

static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
#define NUMBER_COUNT (sizeof numbers / sizeof *numbers)

/* In a handler; errors have nowhere to go. */
static void say(const char *text) {
    static const char clear[] = "\r\033[K";
    const ssize_t cleared = terminal ? write(STDERR_FILENO, clear, sizeof clear - 1) : 0;
    const ssize_t written = write(STDERR_FILENO, text, strlen(text));
    (void)cleared;
    (void)written;
}

static void end(void) {
    say(many             ? "stylize: stopped; pictures at work are not saved\n"
        : picture_exists ? "stylize: stopped before the picture was saved\n"
        : caught         ? "stylize: interrupted before there was a picture to save\n"
                         : "stylize: interrupted\n");
    _exit(EXIT_ENDED);
}

static void on_signal(int number) {
    if (!pthread_equal(pthread_self(), main_thread)) { /* which alone looks at all this */
        pthread_kill(main_thread, number);
        return;
    }
    /* analysed: the cases are told in their order */
    if (reader_awaited && !many) {
        end();
    } else if (picture_exists && !stop_asked) {
        stop_asked = 1;
        if (running)
            stylize_session_cancel(running);
        if (terminal)
            say(many ? "stylize: stopping; what is at work is saved as it is; interrupt again to "
                       "stop at once\n"
                     : "stylize: stopping after this step; interrupt again to stop at once, "
                       "without a picture\n");
    } else if (atomic_load(&held) > 0) {
        end_asked = 1;
    } else {
        end();
    }
}

/* Handlers do not interrupt each other: of two signals at once one is the second. */
static void set(void (*handler)(int)) {
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART}, before;
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < NUMBER_COUNT; i++)
        sigaddset(&action.sa_mask, numbers[i]);
    for (size_t i = 0; i < NUMBER_COUNT; i++) {
        if (numbers[i] != SIGHUP || sigaction(SIGHUP, NULL, &before) != 0 ||
            before.sa_handler != SIG_IGN)
            sigaction(numbers[i], &action, NULL);
    }
}

/* Blocks them or lets them in, one way or the other whatever it was before. */
static void block(bool whether) {
    sigset_t all;
    sigemptyset(&all);
    for (size_t i = 0; i < NUMBER_COUNT; i++)
        sigaddset(&all, numbers[i]);
    pthread_sigmask(whether ? SIG_BLOCK : SIG_UNBLOCK, &all, NULL);
}

void signals_begin(void) {
    begun = true;
    main_thread = pthread_self();
    set(on_signal);
    block(false);
}

void signals_wait_for_exec(bool whether) {
    if (begun)
        block(whether);
}

void signals_catch(void) {
    signals_begin();
    caught = 1;
    terminal = isatty(STDERR_FILENO);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
}

int signals_observe(void *user, stylize_session *session, const stylize_event *event) {
    (void)user;
    running = event->kind == STYLIZE_EVENT_END ? NULL : session;
    if (event->kind == STYLIZE_EVENT_ITERATION)
        picture_exists = 1;
    return stop_asked; /* before there was this session */
}

void signals_catch_for_list(void) {
    many = picture_exists = 1;
    signals_catch();
}

int signals_observe_in_list(void *user, stylize_session *session, const stylize_event *event) {
    (void)user;
    (void)session;
    (void)event;
    return stop_asked;
}

void signals_forget(void) {
    running = NULL;
}

bool signals_stop_asked(void) {
    return stop_asked;
}

void signals_hold(void) {
    atomic_fetch_add(&held, 1);
}

void signals_release(void) {
    if (atomic_fetch_sub(&held, 1) == 1 && end_asked)
        end();
}

void signals_await_reader(bool whether) {
    reader_awaited = whether;
}

bool signals_end_asked(void) {
    return end_asked;
}

void signals_let_go(void) {
    set(SIG_DFL);
}
