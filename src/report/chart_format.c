/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <strings.h>

#include "report/chart.h"

chart_format chart_format_of_path(const char *path) {
    static const struct {
        const char *ending;
        chart_format format;
    } formats[] = {{".svg", CHART_SVG}, {".png", CHART_PNG}, {".pdf", CHART_PDF}};
    const char *dot = strrchr(path, '.');
    for (size_t i = 0; dot && i < sizeof formats / sizeof *formats; i++) {
        if (!strcasecmp(dot, formats[i].ending))
            return formats[i].format;
    }
    return CHART_NONE;
}
