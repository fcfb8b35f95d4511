/* SPDX-License-Identifier: MIT */
#include "transfer/stage.h"

int stage_content_targets(const stage_settings *self) {
    return self->content_layer_count + (self->watched >= 0);
}

double stage_share(const stage_settings *self, int region, int index) {
    double sum = 0;
    int count = 0;
    for (int i = 0; i < self->style_count; i++) {
        if (self->regions->absent[region][i])
            continue;
        sum += self->styles[i].share;
        count++;
    }
    if (self->regions->absent[region][index])
        return 0;
    return sum > 0 ? self->styles[index].share / sum : 1.0 / count;
}
