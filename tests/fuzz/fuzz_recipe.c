/* SPDX-License-Identifier: MIT
 *
 * Fuzz entry of recipes. Whatever the bytes, as JSON or as "name=value" they must be refused on one
 * line and change nothing, or yield a recipe that is written and read back as the same; so must the
 * options of a file of settings. Run it with the address and undefined sanitizers. How
 * it is run: replay.h.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/options_json.h"
#include "replay.h"
#include "transfer/stylize.h"

static stylize_recipe *new_recipe(void) {
    stylize_error err;
    stylize_recipe *self = stylize_recipe_new(&err);
    check(self, "no recipe");
    return self;
}

/* NULL where a text is not UTF-8, which only a value that was set as text can be. */
static char *write_json(const stylize_recipe *self) {
    stylize_error err = {0};
    char *json = stylize_recipe_write_json(self, &err);
    check(json || strstr(err.text, "UTF-8"), "a recipe cannot be written");
    return json;
}

static void check_identity(const stylize_recipe *self) {
    char *json = write_json(self);
    stylize_recipe *back = new_recipe();
    stylize_error err;
    if (json) {
        check(stylize_recipe_read_json(back, json, strlen(json), &err), "cannot be read back");
        char *again = write_json(back);
        check(again && !strcmp(json, again), "read back as another recipe");
        free(again);
    }
    free(json);
    stylize_recipe_free(back);
}

static void check_refusal(const stylize_recipe *self, const stylize_error *err) {
    stylize_recipe *defaults = new_recipe();
    char *json = write_json(self), *before = write_json(defaults);
    check(err->status == STYLIZE_USAGE && err->text[0], "refused without an error");
    check(!strchr(err->text, '\n'), "an error of several lines");
    check(json && before && !strcmp(json, before), "refused, but changed");
    free(json);
    free(before);
    stylize_recipe_free(defaults);
}

/* A value is read back from what is printed of it. */
static void check_printed(const stylize_recipe *self, const char *name) {
    stylize_recipe *back = new_recipe();
    stylize_error err;
    const int length = stylize_recipe_get(self, name, NULL, 0);
    char *text = malloc((size_t)length + 1);
    check(text && stylize_recipe_get(self, name, text, (size_t)length + 1) == length, "length");
    check(stylize_recipe_set(back, name, text, &err), "what is printed is refused");
    char *again = malloc((size_t)length + 1);
    check(again && stylize_recipe_get(back, name, again, (size_t)length + 1) == length &&
              !strcmp(text, again),
          "printed in another way");
    free(text);
    free(again);
    stylize_recipe_free(back);
}

static void set_text(const uint8_t *data, size_t size) {
    stylize_recipe *self = new_recipe();
    stylize_error err = {0};
    char *name = malloc(size + 1);
    check(name, "out of memory");
    memcpy(name, data, size);
    name[size] = '\0';
    char *value = strchr(name, '=');
    if (value)
        *value++ = '\0';
    if (stylize_recipe_set(self, name, value ? value : "", &err)) {
        check_identity(self);
        check_printed(self, name);
    } else {
        check_refusal(self, &err);
    }
    free(name);
    stylize_recipe_free(self);
}

/* The same as a file of settings. */
static void read_settings(const uint8_t *data, size_t size) {
    options self, back;
    stylize_error err = {0};
    check(options_init(&self, &err) && options_init(&back, &err), "no options");
    if (options_read_json(&self, (const char *)data, size, &err)) {
        char *json = options_write_json(&self, true, &err);
        check(json && options_read_json(&back, json, strlen(json), &err), "cannot be read back");
        char *again = options_write_json(&back, true, &err);
        check(again && !strcmp(json, again), "read back as other settings");
        free(json);
        free(again);
    } else {
        check(err.status == STYLIZE_USAGE && err.text[0] && !strchr(err.text, '\n'),
              "refused without an error of one line");
    }
    options_clear(&self);
    options_clear(&back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    stylize_recipe *self = new_recipe();
    stylize_error err = {0};
    if (stylize_recipe_read_json(self, (const char *)data, size, &err))
        check_identity(self);
    else
        check_refusal(self, &err);
    stylize_recipe_free(self);
    set_text(data, size);
    read_settings(data, size);
    return 0;
}
