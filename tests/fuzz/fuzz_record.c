/* SPDX-License-Identifier: MIT
 *
 * Fuzz entry of records of pictures. Whatever the text, it must be refused on one line, or all that
 * is taken from it must be as record_read.h says; what it sets must be refused on one line or be a
 * recipe like any other. Run it with the address and undefined sanitizers. How it is run: replay.h.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/record_read.h"
#include "replay.h"

static void check_name(const char *name) {
    check(!name || (*name && strlen(name) <= 255 && !strchr(name, '/') && strcmp(name, "-") != 0 &&
                    strcmp(name, "..") != 0 && !strpbrk(name, "\n\x1b")),
          "a name that is none");
}

static void check_digest(const char *digest) {
    check(!digest || (strlen(digest) == 64 && strspn(digest, "0123456789abcdef") == 64),
          "a digest that is none");
}

static void check_content(const record_content *self) {
    check(self->input_count <= RECORD_MOST_INPUTS, "too many inputs");
    check(self->network_count >= 1 && self->network_count <= RECORD_MOST_STAGES, "stages");
    for (int i = 0; i < self->input_count; i++) {
        check(self->inputs[i].role != NULL, "no role");
        check_name(self->inputs[i].name);
        check_digest(self->inputs[i].sha256);
    }
    for (int i = 0; i < self->network_count; i++) {
        check(self->networks[i].name && self->networks[i].precision, "no network");
        check_name(self->networks[i].name);
        check_digest(self->networks[i].sha256);
    }
    check(strlen(self->version) <= 40 && !strpbrk(self->version, " \n\x1b/"), "version");
}

static void check_refusal(const stylize_error *err) {
    check(err->status != STYLIZE_OK && err->text[0], "refused without an error");
    check(!strchr(err->text, '\n'), "an error of several lines");
}

static void apply(const record_content *self) {
    options opts;
    stylize_error err = {0};
    check(options_init(&opts, &err), "no options");
    if (!record_apply(self, &opts, &err))
        check_refusal(&err);
    double pixels = 0;
    check(stylize_recipe_get_number(opts.recipe, "max-pixels", &pixels) && pixels == 1 << 28,
          "the limit of pixels is the record's");
    check(opts.quality >= 1 && opts.quality <= 100 && opts.depth >= 0 && opts.depth <= 1,
          "settings out of range");
    options_clear(&opts);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    record_content content;
    stylize_error err = {0};
    char *text = malloc(size + 1);
    check(text, "out of memory");
    memcpy(text, data, size);
    text[size] = '\0';
    if (record_parse(&content, text, &err)) {
        check_content(&content);
        apply(&content);
    } else {
        check_refusal(&err);
    }
    record_content_clear(&content);
    free(text);
    return 0;
}
