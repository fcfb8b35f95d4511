/* SPDX-License-Identifier: MIT
 *
 * Test pictures by a formula in integers, so that another program (peer.py) can make the same.
 */
#ifndef STYLIZE_BENCH_PICTURES_H
#define STYLIZE_BENCH_PICTURES_H

#include "image/image.h"

enum { PICTURE_CONTENT = 1, PICTURE_STYLE = 2, PICTURE_START = 3 };

/* Square picture number k: smooth waves and some noise, far from 0 and 1. */
image *picture_new(int k, int size);

#endif
