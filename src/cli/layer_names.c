/* SPDX-License-Identifier: MIT */
#include "cli/layer_names.h"

#include <stdio.h>

#include "transfer/stylize.h"

bool layer_name_at(int index, char name[LAYER_NAME]) {
    static const char *const kinds[] = {"conv", "relu"};
    for (int block = 1; block <= 5; block++) {
        for (int i = 1; i <= 9; i++) {
            for (int kind = 0; kind < 2; kind++) {
                snprintf(name, LAYER_NAME, "%s%d_%d", kinds[kind], block, i);
                if (stylize_layer_known(name) && index-- == 0)
                    return true;
            }
        }
        snprintf(name, LAYER_NAME, "pool%d", block);
        if (index-- == 0)
            return true;
    }
    return false;
}
