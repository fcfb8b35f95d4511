/* SPDX-License-Identifier: MIT */
#include "core/nearest_name.h"

#include <stdbool.h>
#include <string.h>

enum {
    MOST_LENGTH = 63,      /* longer words are near nothing */
    LETTERS_PER_ERROR = 3, /* one slip in so many letters is believable */
};

static char folded(char letter) {
    if (letter >= 'A' && letter <= 'Z')
        return (char)(letter - 'A' + 'a');
    return letter;
}

static bool same(char a, char b) {
    return folded(a == '_' ? '-' : a) == folded(b == '_' ? '-' : b);
}

static bool begins_with(const char *name, const char *start) {
    while (*start && same(*name, *start)) {
        name++;
        start++;
    }
    return !*start;
}

static int least(int a, int b) {
    return a < b ? a : b;
}

/* Letters to be put in, left out, replaced or swapped with their neighbour to make b of a. Row i
 * has the distances of the first i letters of a from the first j of b. */
static int distance(const char *a, int a_length, const char *b, int b_length) {
    int rows[3][MOST_LENGTH + 1];
    for (int j = 0; j <= b_length; j++)
        rows[0][j] = j;
    for (int i = 1; i <= a_length; i++) {
        int *row = rows[i % 3];
        const int *above = rows[(i + 2) % 3], *two_above = rows[(i + 1) % 3];
        row[0] = i;
        for (int j = 1; j <= b_length; j++) {
            const int replaced = above[j - 1] + !same(a[i - 1], b[j - 1]);
            row[j] = least(replaced, least(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1]))
                row[j] = least(row[j], two_above[j - 2] + 1);
        }
    }
    return rows[a_length % 3][b_length];
}

const char *nearest_name(const char *word, const char *const *names, size_t count) {
    const char *nearest = NULL, *longer = NULL;
    const size_t length = strlen(word);
    int fewest = MOST_LENGTH;
    size_t begin = 0;
    if (length == 0 || length > MOST_LENGTH)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        const size_t name_length = strlen(names[i]);
        if (name_length > MOST_LENGTH)
            continue;
        const int errors = distance(word, (int)length, names[i], (int)name_length);
        const size_t longest = length > name_length ? length : name_length;
        if (errors < fewest && (size_t)errors * LETTERS_PER_ERROR <= longest) {
            fewest = errors;
            nearest = names[i];
        }
        if (begins_with(names[i], word)) {
            begin++;
            longer = names[i];
        }
    }
    return nearest ? nearest : begin == 1 ? longer : NULL;
}
