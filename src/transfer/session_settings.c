/* SPDX-License-Identifier: MIT
 *
 * The settings of a session as a text, by which saved sessions are compared.
 */
#include <stdio.h>
#include <string.h>

#include "core/memory.h"
#include "transfer/session.h"

/* Whether a field decides what a session does beyond its pictures and networks. */
static bool decides(const stylize_field *field) {
    static const char *const others[] = {"weights", "precision", "max-pixels"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (!strcmp(field->name, others[i]))
            return false;
    }
    return true;
}

static bool is_word_of(const stylize_field *field, const char *text) {
    for (const char *const *word = field->words; word && *word; word++) {
        if (!strcmp(*word, text))
            return true;
    }
    return false;
}

bool session_note_settings(stylize_session *self, error *err) {
    const stylize_field *field;
    size_t length = 0;
    if (!self->settings)
        self->settings = memory_alloc(SESSION_MOST_SETTINGS, 1, err);
    if (!self->settings)
        return false;
    for (size_t i = 0; (field = stylize_recipe_field(i)); i++) {
        char value[2048]; /* longer ones are names of pictures */
        if (!decides(field))
            continue;
        stylize_recipe_get(self->recipe, field->name, value, sizeof value);
        const bool named = field->kind == STYLIZE_FIELD_TEXT && !is_word_of(field, value);
        const int written = snprintf(self->settings + length, SESSION_MOST_SETTINGS - length,
                                     "%s %s\n", field->name, named ? "(a picture)" : value);
        length += (size_t)written;
        if (length >= SESSION_MOST_SETTINGS)
            return error_set(err, ERROR_FAILURE, "the settings are too long to be saved");
    }
    return true;
}
