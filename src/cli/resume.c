/* SPDX-License-Identifier: MIT */
#include "cli/resume.h"

#include "cli/paint.h"
#include "cli/report.h"
#include "cli/resumption.h"

int resume_run(const options *opts) {
    resumption from;
    stylize_error err;
    const bool ok = resumption_read(&from, opts, &err);
    const int code = ok ? paint_resumed(&from.options, &from) : report_failure(&err);
    resumption_clear(&from);
    return code;
}
