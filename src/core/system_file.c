/* SPDX-License-Identifier: MIT */
#include "core/system_file.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/retry.h"

#define PATH_SIZE 4608 /* bytes: a control group's path may have 4096 by itself */

bool system_file_read(char *text, size_t size, const char *format, ...) {
    char path[PATH_SIZE];
    va_list args;
    va_start(args, format);
    const int length = vsnprintf(path, sizeof path, format, args);
    va_end(args);
    text[0] = '\0';
    if (length < 0 || (size_t)length >= sizeof path)
        return false;
    FILE *file = retry_fopen(path, "r");
    if (!file)
        return false;
    const size_t count = retry_fread(text, 1, size - 1, file);
    const bool whole = count < size - 1 || retry_getc(file) == EOF;
    fclose(file);
    text[count] = '\0';
    if (!whole) {
        char *end = strrchr(text, '\n');
        *(end ? end + 1 : text) = '\0';
    }
    return text[0] != '\0';
}

const char *system_file_number(const char *text, uint64_t *value) {
    uint64_t sum = 0;
    const char *at = text;
    for (; *at >= '0' && *at <= '9'; at++) {
        const unsigned digit = (unsigned)(*at - '0');
        if (sum > (UINT64_MAX - digit) / 10)
            return NULL;
        sum = sum * 10 + digit;
    }
    if (at == text)
        return NULL;
    *value = sum;
    return at;
}
