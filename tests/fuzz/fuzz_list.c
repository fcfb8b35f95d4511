/* SPDX-License-Identifier: MIT
 *
 * Fuzz entry of lists of pictures for stylize batch. Whatever the bytes, they must be refused on
 * one line, or be items whose words are refused on one line or are options of a picture; of an item
 * that names a file of settings nothing more is asked. Run it with the address and undefined
 * sanitizers. How it is run: replay.h.
 */
#define _XOPEN_SOURCE 700 /* mkstemp, pwrite */
#include <string.h>
#include <unistd.h>

#include "cli/list.h"
#include "input_file.h"
#include "replay.h"

static void check_refusal(const stylize_error *err) {
    check(err->status != STYLIZE_OK && err->text[0], "refused without an error");
    check(!strchr(err->text, '\n'), "an error of several lines");
}

/* Whether the words of an item are read without any other file. */
static bool stands_alone(const list_item *item) {
    static char program[] = "stylize";
    char **words = calloc((size_t)item->count + 2, sizeof *words);
    options opts;
    stylize_error err = {0};
    check(words && options_init(&opts, &err), "no options");
    words[0] = program;
    memcpy(words + 1, item->words, (size_t)item->count * sizeof *words);
    const bool alone =
        !options_parse(&opts, item->count + 1, words, &err) || !options_have_files(&opts);
    options_clear(&opts);
    free(words);
    return alone;
}

static void check_item(const list *self, int index) {
    options opts;
    stylize_error err = {0};
    char place[240];
    list_place(self, index, place, sizeof place);
    check(place[0] && self->items[index].line > 0, "an item without a place");
    if (!stands_alone(&self->items[index]))
        return;
    if (list_options(self, index, &opts, &err)) {
        check(!opts.command && opts.style_count > 0 && opts.out, "no picture");
        check(opts.quiet && !list_refused(&opts), "what is not for a list");
    } else {
        check_refusal(&err);
        check(!strncmp(err.text, place, strlen(place)), "an error without a place");
    }
    options_clear(&opts);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static char program[] = "stylize", name[] = "batch", setting[] = "--size=64";
    char *argv[] = {program, name, path, setting, NULL};
    options opts;
    list self;
    stylize_error err = {0};
    put_file(data, size);
    check(options_init(&opts, &err) && options_parse(&opts, 4, argv, &err), "no options");
    if (list_make(&self, &opts, &err)) {
        check(self.count > 0, "a list of nothing");
        for (int i = 0; i < self.count; i++)
            check_item(&self, i);
    } else {
        check_refusal(&err);
        check(strstr(err.text, path), "an error that does not name the file");
    }
    list_clear(&self);
    options_clear(&opts);
    return 0;
}
