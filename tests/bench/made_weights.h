/* SPDX-License-Identifier: MIT
 *
 * A VGG-19 up to conv5_1 with random weights that keep activations near 1, in a temporary file that
 * goes when the process ends, also by a signal.
 */
#ifndef STYLIZE_BENCH_MADE_WEIGHTS_H
#define STYLIZE_BENCH_MADE_WEIGHTS_H

/* Writes the network to `path`: VGG-19's own widths divided by `divisor`. */
void made_weights_write(const char *path, int divisor);

/* Likewise to a temporary file, and returns its path. One at a time: made_weights_remove ends it.
 */
const char *made_weights_new(int divisor);
void made_weights_remove(void);

#endif
