/* SPDX-License-Identifier: MIT */
#include "cli/printout.h"

#include <stdio.h>
#include <stdlib.h>

#include "cli/completion.h"
#include "cli/help.h"
#include "cli/manual.h"
#include "cli/options_json.h"
#include "cli/report.h"
#include "cli/schema.h"
#include "cli/weights_list.h"
#include "cli/weights_path.h"

bool printout_wanted(const options *opts) {
    return opts->help || opts->version || opts->list_weights || opts->print != PRINT_NOTHING;
}

static void print_version(bool verbose) {
    const char *name;
    bool supported;
    printf("stylize %s\n", stylize_version());
    if (!verbose)
        return;
    printf("instruction sets:");
    for (int i = 0; (name = stylize_instruction_set_at(i, &supported)); i++)
        printf(" %s", name);
    printf("\nin use: %s\n", stylize_instruction_set());
    printf("bf16 products: %s\n", stylize_bf16_products() ? "yes" : "no");
    printf("guard of files: %s\n", stylize_guard_state());
}

static void print_names(void) {
    weights_folders folders;
    weights_folders_init(&folders);
    weights_path_print_names(&folders, stdout);
    weights_folders_clear(&folders);
}

/* The default is marked whatever -w says. */
static void print_table(void) {
    weights_folders folders;
    stylize_error unused;
    stylize_recipe *defaults = stylize_recipe_new(&unused);
    weights_folders_init(&folders);
    weights_list_print(&folders, defaults ? stylize_recipe_weights(defaults) : "", stdout, stderr);
    weights_folders_clear(&folders);
    stylize_recipe_free(defaults);
}

/* Prints a text and frees it; NULL with *err is what failed. */
static int print_text(char *text, const stylize_error *err) {
    if (!text)
        return report_failure(err);
    printf("%s\n", text);
    free(text);
    return EXIT_DONE;
}

int printout_show(const options *opts) {
    static char whole[1 << 16]; /* all of it, so that the flush reports why it cannot be written */
    stylize_error err;
    int code = EXIT_DONE;
    setvbuf(stdout, whole, _IOFBF, sizeof whole);
    if (opts->help)
        help_print(stdout, opts->command);
    else if (opts->version)
        print_version(opts->verbose);
    else if (opts->list_weights)
        print_table();
    else if (opts->print == PRINT_MAN)
        manual_print(stdout);
    else if (opts->print == PRINT_BASH)
        completion_print_bash(stdout);
    else if (opts->print == PRINT_ZSH)
        completion_print_zsh(stdout);
    else if (opts->print == PRINT_FISH)
        completion_print_fish(stdout);
    else if (opts->print == PRINT_WEIGHTS)
        print_names();
    else if (opts->print == PRINT_SCHEMA)
        code = print_text(schema_write(&err), &err);
    else
        code = print_text(options_write_json(opts, false, &err), &err);
    return code == EXIT_DONE ? report_flush(code) : code;
}
