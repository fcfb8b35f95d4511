/* SPDX-License-Identifier: MIT
 *
 * What stands for charts and labels in a program that is built without cairo.
 */
#include "report/chart.h"
#include "report/label.h"

bool chart_available(const char *what, stylize_error *err) {
    return stylize_error_set(err, STYLIZE_FAILURE,
                             "%s: this program was built without cairo: install libcairo2-dev and "
                             "build again",
                             what);
}

bool chart_encode(const chart *self, chart_format format, char **data, size_t *size,
                  stylize_error *err) {
    (void)self;
    (void)format;
    *data = NULL;
    *size = 0;
    return chart_available("a chart", err);
}

bool label_write(const label_box *box, const label_style *style, const char *text,
                 stylize_error *err) {
    (void)box;
    (void)style;
    (void)text;
    return chart_available("a label", err);
}

int label_width(const label_style *style, const char *text) {
    (void)style;
    (void)text;
    return 0;
}
