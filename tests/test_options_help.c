/* SPDX-License-Identifier: MIT
 *
 * Tests of the text of --help.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cli/options.h"

static void help_names_every_option(void **state) {
    (void)state;
    static char text[16384];
    FILE *file = tmpfile();
    assert_non_null(file);
    options_help(file);
    rewind(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    assert_int_equal(fclose(file), 0);
    size_t count;
    const option *table = options_table(&count);
    for (size_t i = 0; i < count; i++) {
        char name[60];
        snprintf(name, sizeof name, "--%s ", table[i].name ? table[i].name : "help");
        if (!strstr(text, name))
            fail_msg("--help lacks %s", name);
    }
    assert_non_null(strstr(text, "(default: 300)"));
    for (const char *line = text; line && *line; line = strchr(line, '\n') + 1)
        assert_true(strcspn(line, "\n") <= 80);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(help_names_every_option),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
