/* SPDX-License-Identifier: MIT
 *
 * Reading the small text files in which Linux describes itself (/proc, /sys). Nothing here reports
 * errors: whoever asks has another answer for when a file is missing or not as expected. Not for
 * files of any size, nor for those that a user names.
 */
#ifndef STYLIZE_CORE_SYSTEM_FILE_H
#define STYLIZE_CORE_SYSTEM_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads the file at the formatted path into text[size], size >= 1. Of a file that is too long only
 * the whole lines that fit, so that no number is cut. False, with an empty text, when the file
 * cannot be read, holds nothing or the path is too long. */
bool system_file_read(char *text, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The decimal number at the start of the text, without blanks or a sign: *value and what follows
 * it. NULL, with *value untouched, where there is none or it does not fit. */
const char *system_file_number(const char *text, uint64_t *value);

#endif
