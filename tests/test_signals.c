/* SPDX-License-Identifier: MIT
 *
 * Tests of signals.c, each in a process of its own: what the first, the second and a held back
 * signal do, and what is left alone.
 */
#define _XOPEN_SOURCE 700 /* fork, kill */
#include <setjmp.h>       /* this and the next three: cmocka wants them first */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/signals.h"

enum { REACHED = 42, UNEXPECTED = 43 };

static const int stopping[] = {SIGINT, SIGTERM, SIGHUP};

/* Runs `body`, which does not return, in a process; hands back its wait status and what it said. */
static int run(void (*body)(int number), int number, char text[200]) {
    int ends[2], status;
    assert_int_equal(pipe(ends), 0);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        for (int i = 0; i < 3; i++)
            signal(stopping[i], SIG_DFL); /* whoever runs the tests may ignore some */
        dup2(ends[1], STDERR_FILENO);
        close(ends[0]);
        body(number);
        _exit(UNEXPECTED);
    }
    close(ends[1]);
    size_t used = 0;
    ssize_t size;
    while ((size = read(ends[0], text + used, 199 - used)) > 0)
        used += (size_t)size;
    text[used] = '\0';
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static void expect_end(void (*body)(int number), const char *words) {
    for (int i = 0; i < 3; i++) {
        char text[200];
        const int status = run(body, stopping[i], text);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), EXIT_ENDED);
        if (!strstr(text, words) || strchr(text, '\n') != text + strlen(text) - 1)
            fail_msg("\"%s\" lacks \"%s\"", text, words);
    }
}

static void expect_reached(void (*body)(int number)) {
    for (int i = 0; i < 3; i++) {
        char text[200];
        const int status = run(body, stopping[i], text);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), REACHED);
        assert_string_equal(text, "");
    }
}

static void check(bool holds) {
    if (!holds)
        _exit(UNEXPECTED);
}

static void say_held(void) {
    check(write(STDERR_FILENO, "held; ", 6) == 6);
}

/* What a session says of its start; that it is cancelled is seen in tests/cli. */
static void begin_iterations(void) {
    const stylize_event event = {.kind = STYLIZE_EVENT_ITERATION};
    check(signals_observe(NULL, NULL, &event) == 0);
}

static void at_once(int number) {
    signals_begin();
    raise(number);
}

static void blocked_by_exec(int number) {
    signals_begin();
    signals_wait_for_exec(true);
    raise(number);
    say_held();
    signals_begin(); /* in the program that was started */
}

static void while_a_reader_is_awaited(int number) {
    signals_catch();
    begin_iterations();
    signals_await_reader(true);
    raise(number);
}

static void after_a_reader(int number) {
    signals_catch();
    begin_iterations();
    signals_await_reader(true);
    signals_await_reader(false);
    raise(number);
    check(signals_stop_asked());
    _exit(REACHED);
}

static void early(int number) {
    signals_catch();
    raise(number);
}

/* Nothing to save yet. */
static void in_a_phase(int number) {
    const stylize_event event = {.kind = STYLIZE_EVENT_PHASE};
    signals_catch();
    check(signals_observe(NULL, NULL, &event) == 0);
    raise(number);
}

static void once(int number) {
    signals_catch();
    begin_iterations();
    check(!signals_stop_asked());
    raise(number);
    check(signals_stop_asked() && !signals_end_asked());
    _exit(REACHED);
}

static void twice(int number) {
    signals_catch();
    begin_iterations();
    raise(number);
    raise(SIGTERM);
}

static void both_at_once(int number) {
    sigset_t all;
    signals_catch();
    begin_iterations();
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    raise(number);
    raise(number == SIGINT ? SIGTERM : SIGINT);
    sigprocmask(SIG_UNBLOCK, &all, NULL);
}

/* What comes while the files are checked. */
static void held_early(int number) {
    signals_catch();
    signals_hold();
    raise(number);
    check(signals_end_asked());
    say_held();
    signals_release();
}

static void held_twice(int number) {
    signals_catch();
    begin_iterations();
    signals_hold();
    raise(number);
    check(signals_stop_asked() && !signals_end_asked());
    raise(number);
    check(signals_end_asked());
    raise(number);
    say_held();
    signals_release();
}

/* One that comes while the picture is written lets it be written. */
static void held_once(int number) {
    signals_catch();
    begin_iterations();
    signals_hold();
    raise(number);
    signals_release();
    _exit(REACHED);
}

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;

static void *send_signal(void *number) {
    pthread_mutex_lock(&turn);
    pthread_kill(pthread_self(), *(const int *)number);
    pthread_mutex_unlock(&turn);
    return NULL;
}

/* Another thread hands it on: nothing happens before this one takes it. */
static void in_a_thread(int number) {
    pthread_t thread;
    sigset_t all;
    signals_catch();
    begin_iterations();
    pthread_mutex_lock(&turn);
    check(pthread_create(&thread, NULL, send_signal, &number) == 0);
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, NULL);
    pthread_mutex_unlock(&turn);
    pthread_join(thread, NULL);
    check(!signals_stop_asked());
    pthread_sigmask(SIG_UNBLOCK, &all, NULL);
    check(signals_stop_asked() && !signals_end_asked());
    _exit(REACHED);
}

static void after_saving(int number) {
    signals_catch();
    begin_iterations();
    signals_let_go();
    raise(number);
}

static void hangup_ignored(int number) {
    (void)number;
    signal(SIGHUP, SIG_IGN);
    signals_catch();
    raise(SIGHUP);
    signals_let_go();
    raise(SIGHUP);
    _exit(REACHED);
}

/* As a shell starts jobs in the background. */
static void interrupt_ignored(int number) {
    signal(number, SIG_IGN);
    signals_catch();
    begin_iterations();
    raise(number);
    check(signals_stop_asked() || number == SIGHUP);
    raise(SIGPIPE);
    raise(SIGXFSZ);
    _exit(REACHED);
}

static void signals_end_stop_and_wait(void **state) {
    (void)state;
    expect_end(at_once, "stylize: interrupted\n");
    expect_end(blocked_by_exec, "held; stylize: interrupted\n");
    expect_end(while_a_reader_is_awaited, "stopped before the picture was saved");
    expect_reached(after_a_reader);
    expect_end(early, "interrupted before there was a picture to save");
    expect_end(in_a_phase, "interrupted before there was a picture to save");
    expect_end(held_early, "held; stylize: interrupted before there was a picture to save");
    expect_reached(once);
    expect_end(twice, "stopped before the picture was saved");
    expect_end(both_at_once, "stopped before the picture was saved");
    expect_end(held_twice, "held; stylize: stopped before the picture was saved");
    expect_reached(held_once);
    expect_reached(in_a_thread);
}

static void what_is_left_alone(void **state) {
    (void)state;
    expect_reached(hangup_ignored);
    expect_reached(interrupt_ignored);
    for (int i = 0; i < 3; i++) {
        char text[200];
        const int status = run(after_saving, stopping[i], text);
        assert_true(WIFSIGNALED(status));
        assert_int_equal(WTERMSIG(status), stopping[i]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signals_end_stop_and_wait),
        cmocka_unit_test(what_is_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
