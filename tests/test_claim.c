/* SPDX-License-Identifier: MIT
 *
 * Claims: one at a time, released with their process, and nothing left behind.
 */
#define _XOPEN_SOURCE 700 /* mkdtemp, fork */
#include <setjmp.h>       /* this and the next three: cmocka wants them first */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/claim.h"

static char folder[] = "/tmp/stylize-claim-XXXXXX", out[64], hidden[80];

static int set_up(void **state) {
    (void)state;
    if (!mkdtemp(folder))
        return 1;
    snprintf(out, sizeof out, "%s/out.png", folder);
    snprintf(hidden, sizeof hidden, "%s/.out.png.claim", folder);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    return rmdir(folder); /* it is empty */
}

static void is_one_at_a_time(void **state) {
    claim first, second;
    (void)state;
    for (int i = 0; i < 2; i++) {
        assert_true(claim_make(&first, out));
        assert_false(claim_make(&second, out));
        claim_give_up(&second); /* does nothing */
        assert_int_equal(access(hidden, F_OK), 0);
        claim_give_up(&first);
        assert_int_not_equal(access(hidden, F_OK), 0);
    }
}

static void goes_with_its_process(void **state) {
    int ready[2], status;
    char byte;
    claim mine;
    (void)state;
    assert_int_equal(pipe(ready), 0);
    const pid_t child = fork();
    if (child == 0) {
        const bool made = claim_make(&mine, out);
        _exit(write(ready[1], made ? "y" : "n", 1) == 1 && pause());
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    assert_int_equal(byte, 'y');
    assert_false(claim_make(&mine, out));
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    assert_int_equal(access(hidden, F_OK), 0); /* it could not be removed, but is nobody's */
    assert_true(claim_make(&mine, out));
    claim_give_up(&mine);
    close(ready[0]);
    close(ready[1]);
}

enum { ROUNDS = 300, PROCESSES = 4 };

/* Each adds to a number in a file, again and again, while it has the claim. */
static void count(const char *path) {
    for (int done = 0; done < ROUNDS;) {
        claim mine;
        int number = 0;
        if (!claim_make(&mine, out))
            continue;
        FILE *file = fopen(path, "r");
        if (!file || fscanf(file, "%d", &number) != 1)
            _exit(1);
        fclose(file);
        file = fopen(path, "w");
        if (!file || fprintf(file, "%d", number + 1) < 1 || fclose(file) != 0)
            _exit(1);
        claim_give_up(&mine);
        done++;
    }
}

static void loses_no_race(void **state) {
    char path[80];
    int number = 0, status;
    (void)state;
    snprintf(path, sizeof path, "%s/number", folder);
    FILE *file = fopen(path, "w");
    assert_true(file && fputs("0", file) >= 0 && fclose(file) == 0);
    for (int i = 0; i < PROCESSES; i++) {
        if (fork() == 0) {
            count(path);
            _exit(0);
        }
    }
    for (int i = 0; i < PROCESSES; i++) {
        wait(&status);
        assert_int_equal(status, 0);
    }
    file = fopen(path, "r");
    assert_true(file && fscanf(file, "%d", &number) == 1);
    fclose(file);
    unlink(path);
    assert_int_equal(number, ROUNDS * PROCESSES);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_one_at_a_time),
        cmocka_unit_test(goes_with_its_process),
        cmocka_unit_test(loses_no_race),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
