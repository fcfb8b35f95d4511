/* SPDX-License-Identifier: MIT */
#ifndef STYLIZE_CLI_SHELL_WORDS_H
#define STYLIZE_CLI_SHELL_WORDS_H

#include "cli/growing_text.h"

/* Writes a word as a shell reads it: in quotes where it has to be. */
void shell_write_word(const char *word, growing_text *to);

#endif
