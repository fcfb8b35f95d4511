/* SPDX-License-Identifier: MIT
 *
 * The judgement of one picture: all figures, of files, each brought to the size that it is compared
 * at.
 */
#ifndef STYLIZE_JUDGE_JUDGE_H
#define STYLIZE_JUDGE_JUDGE_H

#include <stdbool.h>

#include "core/error.h"
#include "image/image.h"
#include "judge/figures.h"
#include "network/vgg.h"

/* Pixels of the longest side of pictures that are asked whether they look alike. */
#define JUDGE_LIKENESS_SIDE 64

typedef struct judge {
    const vgg *network; /* borrowed, as is `other` */
    int side;           /* pixels that a picture's longest side is brought to before; 0: none */
    const image *other; /* what FIGURE_LIKENESS compares with; or NULL */
} judge;

/* Three files. Content and style are scaled to the picture: the content to its size, the style to
 * its longest side. */
typedef struct judge_files {
    const char *content, *style, *picture;
} judge_files;

/* Reads a picture; NULL with *err naming the file. The caller owns it. */
image *judge_read(const char *path, error *err);

/* False with *err naming the file when one cannot be read or is too small, or memory is short. */
bool judge_run(const judge *self, const judge_files *files, figures *found, error *err);

#endif
