/* SPDX-License-Identifier: MIT
 *
 * What a painting on white paper becomes when there is to be no paper.
 *
 * The network sees transparent pixels over white, and paints all of the picture, the paper too. At
 * soft edges the start is pale: part of it is paper. Where the painting has left that as it was,
 * the paper is taken out of the colour again, or a white fringe would show on any other ground;
 * where it has gone further from the start than the paper was, it has covered the paper, and its
 * colour stands. Between the two as much of the paper is taken out as has not been covered.
 * Dividing all by alpha instead, as if no paper had been painted on, makes dark edges of dark
 * paint.
 */
#ifndef STYLIZE_TRANSFER_TRANSPARENCY_H
#define STYLIZE_TRANSFER_TRANSPARENCY_H

#include "image/image.h"

/* `painted`, which has alpha, becomes what the colours so found are over white, under that alpha.
 * `start` is the picture from which it was painted, of its size, over white, with its own alpha. An
 * unchanged start of the same alpha stays unchanged to the bit. */
void transparency_restore(image *painted, const image *start);

#endif
