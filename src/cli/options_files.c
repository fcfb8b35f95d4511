/* SPDX-License-Identifier: MIT
 *
 * The options over files of settings.
 */
#include <string.h>

#include "cli/options.h"
#include "cli/recipe_file.h"

static bool is_auto(const stylize_recipe *recipe, const char *name) {
    char text[sizeof "auto" + 1];
    stylize_recipe_get(recipe, name, text, sizeof text);
    return !strcmp(text, "auto");
}

/* Takes back what a file sets and the arguments contradict without naming it: --strength is not
 * heard where there is a weight. */
static bool take_back(options *self, const options *given, stylize_error *err) {
    static const char *const weights[] = {"alpha", "beta"};
    double compat = 0;
    if (given->quiet || given->progress)
        self->quiet = self->progress = false;
    stylize_recipe_get_number(self->recipe, "compat", &compat);
    if (!given->strength_given || compat != 0)
        return true;
    for (size_t i = 0; i < sizeof weights / sizeof *weights; i++) {
        if (!is_auto(self->recipe, weights[i]) &&
            !stylize_recipe_set(self->recipe, weights[i], "auto", err))
            return false;
    }
    return true;
}

/* What the arguments, which were parsed already, are read over. */
static bool read_files(void *user, options *self, stylize_error *err) {
    const options *given = user;
    self->command = given->command; /* some of the settings are none of its */
    self->defaults_file = given->defaults_file;
    return recipe_file_read(self, given, err) && take_back(self, given, err);
}

bool options_parse_over_files(options *self, int argc, char **argv, stylize_error *err) {
    options before = *self;
    before.argc = argc;
    before.argv = argv;
    const bool ok = options_parse_over(self, &before, read_files, &before, err);
    options_clear(&before);
    return ok;
}
