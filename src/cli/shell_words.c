/* SPDX-License-Identifier: MIT */
#include "cli/shell_words.h"

#include <string.h>

void shell_write_word(const char *word, growing_text *to) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_-./,:=@%+";
    if (*word && !word[strspn(word, plain)]) {
        growing_text_add(to, word);
        return;
    }
    growing_text_add_char(to, '\'');
    for (; *word; word++) {
        if (*word == '\'')
            growing_text_add(to, "'\\''");
        else
            growing_text_add_char(to, *word);
    }
    growing_text_add_char(to, '\'');
}
