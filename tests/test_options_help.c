/* SPDX-License-Identifier: MIT
 *
 * Tests of the text of --help, and of names that are no options: what may have been meant, and what
 * is said of other programs' options.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cli/foreign_options.h"
#include "cli/help.h"
#include "cli/options.h"

static void help_names_every_option(void **state) {
    (void)state;
    static char text[16384];
    FILE *file = tmpfile();
    option entry;
    assert_non_null(file);
    help_print(file, NULL);
    rewind(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    assert_int_equal(fclose(file), 0);
    for (size_t i = 0; options_at(i, &entry); i++) {
        char name[60];
        snprintf(name, sizeof name, "--%s ", entry.field->name);
        if (!strstr(text, name))
            fail_msg("--help lacks %s", name);
    }
    assert_non_null(strstr(text, "(default: 350)"));
    for (const char *line = text; line && *line; line = strchr(line, '\n') + 1)
        assert_true(strcspn(line, "\n") <= 80);
}

/* Expects that an argument, before three operands, is refused with this text. */
static void refuse(const char *argument, const char *expected) {
    char *argv[] = {(char *)(uintptr_t) "stylize", (char *)(uintptr_t)argument,
                    (char *)(uintptr_t) "1",       (char *)(uintptr_t) "c",
                    (char *)(uintptr_t) "s",       (char *)(uintptr_t) "o"};
    options opts;
    stylize_error err;
    assert_true(options_init(&opts, &err));
    if (options_parse(&opts, sizeof argv / sizeof *argv, argv, &err))
        fail_msg("%s: accepted", argument);
    assert_int_equal(err.status, STYLIZE_USAGE);
    assert_string_equal(err.text, expected);
    options_clear(&opts);
}

static void refuses_unknown_options(void **state) {
    (void)state;
    refuse("--wat", "unknown option '--wat'; see stylize --help");
    refuse("--wat=5", "unknown option '--wat'; see stylize --help");
    refuse("--=5", "unknown option '--'; see stylize --help");
    refuse("-x", "unknown option '-x'; see stylize --help");
    refuse("-qx", "unknown option '-x'; see stylize --help");
    refuse("-1", "unknown option '-1'; see stylize --help");
    refuse("-q=", "unknown option '-='; see stylize --help");
    refuse("-\xc3\xa4", "unknown option '-\xc3\xa4'; see stylize --help");
    /* No abbreviations, but the nearest name. */
    refuse("--alph=5", "unknown option '--alph'; did you mean --alpha?");
    refuse("--colour", "unknown option '--colour'; did you mean --color?");
    refuse("--quite", "unknown option '--quite'; did you mean --quiet?");
    refuse("--style_scale", "unknown option '--style_scale'; did you mean --style-scale?");
}

static void knows_options_of_others(void **state) {
    (void)state;
    refuse("-content_weight",
           "unknown option '-content_weight': an option of neural-style; here: --compat "
           "neural-style --alpha NUMBER, twice as much");
    refuse("-style_weight=5",
           "unknown option '-style_weight': an option of neural-style; here: --compat "
           "neural-style --beta NUMBER, four times as much");
    refuse("-seed", "unknown option '-seed': an option of neural-style; here: --seed NUMBER");
    refuse("-disable_check", "unknown option '-disable_check': an option of neural-style-pt; not "
                             "supported: a weights file is always checked");
    refuse("--tv-weight",
           "unknown option '--tv-weight': an option of style-transfer-pytorch; here: "
           "--compat style-transfer-pytorch --tv NUMBER");
    refuse("-o",
           "unknown option '-o': an option of style-transfer-pytorch; here: the last operand, "
           "OUT");
    refuse("--content_weight",
           "unknown option '--content_weight': an option of neural-style; here: --compat "
           "neural-style --alpha NUMBER, twice as much");
    refuse("--image_size=9",
           "unknown option '--image_size': an option of neural-style; here: --size "
           "PIXELS (with --upscale where CONTENT is smaller)");
    refuse("-tw", "unknown option '-tw': an option of style-transfer-pytorch; here: "
                  "--compat style-transfer-pytorch --tv NUMBER");
    /* In whole words alone. */
    refuse("-qo",
           "unknown option '-o': an option of style-transfer-pytorch; here: the last operand, "
           "OUT");
    refuse("-seeds", "--size: 'eeds' is not a finite decimal number");
}

/* What an answer names is an option here, and no option here is called foreign. */
static void answers_name_options(void **state) {
    (void)state;
    option entry;
    for (size_t i = 0; options_at(i, &entry); i++) {
        char name[60];
        const int length = snprintf(name, sizeof name, "--%s", entry.field->name);
        if (foreign_option_find(name, (size_t)length))
            fail_msg("%s is called foreign", name);
    }
    for (size_t i = 0; foreign_option_at(i); i++) {
        const foreign_option *foreign = foreign_option_at(i);
        const char *dashes = strstr(foreign->answer, " --");
        bool found = !dashes;
        assert_true(!strncmp(foreign->answer, "here: ", 6) ||
                    !strncmp(foreign->answer, "not supported: ", 15));
        for (size_t j = 0; !found && options_at(j, &entry); j++) {
            const size_t length = strlen(entry.field->name);
            found = !strncmp(dashes + 3, entry.field->name, length) &&
                    strspn(dashes + 3, "-abcdefghijklmnopqrstuvwxyz") == length;
        }
        if (!found)
            fail_msg("%s: no such option: %s", foreign->name, foreign->answer);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(help_names_every_option),
        cmocka_unit_test(refuses_unknown_options),
        cmocka_unit_test(knows_options_of_others),
        cmocka_unit_test(answers_name_options),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
