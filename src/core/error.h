/* SPDX-License-Identifier: MIT
 *
 * Errors as values. Whatever can fail returns bool (or a pointer, NULL on failure) and takes an
 * `error *` last. The text is one line without a full stop that names the file or option, says
 * what is wrong and, where one exists, the way out. The command line turns it into one line on
 * stderr and an exit code; nothing below the command line prints.
 */
#ifndef STYLIZE_CORE_ERROR_H
#define STYLIZE_CORE_ERROR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

typedef enum error_code {
    ERROR_NONE = 0,
    ERROR_FAILURE, /* files, memory, data: exit 1 */
    ERROR_USAGE,   /* a request that can never work as written: exit 2 */
    ERROR_MEMORY,  /* too little memory for it here and now; less may fit: exit 1 */
} error_code;

typedef struct error {
    error_code code;
    char text[1024];
} error;

/* Fills *err and returns false, so that a function can `return error_set(...)`. Control characters
 * in the formatted text (a file name may hold any) and bytes that are not UTF-8 become '?', so it
 * stays one line and commands no terminal; a text that is too long loses its middle, where the name
 * stands, and keeps the reason. */
bool error_set(error *err, error_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* error_set(ERROR_FAILURE) with "<formatted>: <strerror(number)>". */
bool error_set_errno(error *err, int number, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The text alone, written likewise into text[room], room >= 8. */
void error_write(char *text, size_t room, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));

#endif
