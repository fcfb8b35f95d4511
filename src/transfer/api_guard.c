/* SPDX-License-Identifier: MIT
 *
 * The public API: parsing apart.
 */
#include "core/guard.h"
#include "transfer/stylize.h"

bool stylize_guard_start(void) {
    return guard_start();
}

const char *stylize_guard_state(void) {
    return guard_state();
}

bool stylize_guard_left_out(void) {
    return guard_is_left_out();
}
