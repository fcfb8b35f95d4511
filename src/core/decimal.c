/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "core/decimal.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The locale is this thread's alone, and set only for the call in between. */
typedef struct plain_locale {
    locale_t plain, before;
} plain_locale;

static plain_locale enter_plain_locale(void) {
    const locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    return (plain_locale){plain, uselocale(plain)};
}

static void leave_plain_locale(plain_locale self) {
    uselocale(self.before);
    if (self.plain)
        freelocale(self.plain);
}

bool decimal_read(const char *text, size_t length, double *value) {
    if (length == 0 || strspn(text, "0123456789.eE+-") < length)
        return false;
    char copy[64], *end;
    if (length < sizeof copy) { /* or strtod would take 0x12 for hexadecimal after the 0 alone */
        memcpy(copy, text, length);
        copy[length] = '\0';
        text = copy;
    }
    const plain_locale here = enter_plain_locale();
    *value = strtod(text, &end);
    leave_plain_locale(here);
    return end == text + length && isfinite(*value);
}

void decimal_print(double value, char text[DECIMAL_ROOM]) {
    const plain_locale here = enter_plain_locale();
    for (int digits = 6; digits <= DBL_DECIMAL_DIG; digits++) { /* fewer come out by themselves */
        snprintf(text, DECIMAL_ROOM, "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    leave_plain_locale(here);
}
