/* SPDX-License-Identifier: MIT */
#include "cli/term_mean.h"

#include <string.h>

double term_mean(const stylize_event *event, const char *kind, const char *layer) {
    double weights = 0, sum = 0, plain = 0;
    for (int i = 0; i < event->term_count; i++) {
        const stylize_term *term = event->terms[i];
        if (strcmp(term->kind, kind) != 0 || strcmp(term->layer, layer) != 0)
            continue;
        if (term->region == 0)
            plain = term->value;
        weights += term->weight;
        sum += term->weight * term->value;
    }
    return weights > 0 && sum != plain * weights ? sum / weights : plain;
}
