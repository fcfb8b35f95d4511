/* SPDX-License-Identifier: MIT */
#ifndef STYLIZE_CLI_SHELL_WORDS_H
#define STYLIZE_CLI_SHELL_WORDS_H

#include <stdio.h>

/* Writes a word as a shell reads it: in quotes where it has to be. */
void shell_write_word(const char *word, FILE *file);

#endif
