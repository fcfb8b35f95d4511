/* SPDX-License-Identifier: MIT
 *
 * Texts are roff, a sentence on each line.
 */
#include "cli/manual_log.h"

/* A member, or several, and what it holds; where that is NULL, a heading. */
typedef struct entry {
    const char *name, *text;
} entry;

static const char log_begin[] =
    ".SH LOG\n"
    "A log consists of JSON objects, one on a line: \"start\", then for each stage \"stage\" and "
    "a\n"
    "line for each iteration, then \"end\".\n"
    "It is begun when the first costs are known.\n"
    "What is not known, or no finite number, is null; sizes are [width, height].\n"
    "Where several pictures share a log, each line has the number of its picture in\n"
    ".BR job .\n";

static const entry log_entries[] = {
    {"The line \"start\"", NULL},
    {"version", "The version of the program."},
    {"date", "When it began, in UTC, or what SOURCE_DATE_EPOCH says."},
    {"options", "The operands and every setting of the run."},
    {"inputs", "The pictures that were read: role, name and SHA\\-256 of each."},
    {"content_size", "The size of the content; null of a texture."},
    {"style_size",
     "At which the style is analysed for the final size; a list of sizes of several."},
    {"size", "The size of OUT."},
    {"weights, weights_sha256, precision", "The network of the final size."},
    {"instruction_set, threads", "What it runs with."},
    {"The line \"stage\"", NULL},
    {"stage, stages", "The number of the stage, from 1, and how many there are."},
    {"size, style_size", "Of the picture and the styles in it."},
    {"iterations", "That it will do at most."},
    {"weights, weights_sha256, precision", "Its network."},
    {"Iterations", NULL},
    {"iteration, stage", "Those done so far, in all stages; the first of a stage is its start."},
    {"evaluations", "How often cost and gradient were computed."},
    {"seconds", "Since the work began."},
    {"total", "The cost that is minimised."},
    {"content, style", "Costs with the weights of their layers, without alpha and beta."},
    {"tv, chroma_tv", "Smoothness, without its weights."},
    {"alpha", "The weight of the content, which \\-\\-strength finds on the way."},
    {"content_error", "What that leaves, as last measured in this stage; null where it is not."},
    {"content_layers, style_layers", "The cost at each layer, without any weight."},
    {"gradient_norm", "The length of the gradient."},
    {"The line \"end\"", NULL},
    {"stop", "iterations, converged, interrupted or failed."},
    {"error", "What failed."},
    {"iterations, evaluations, seconds", "In all."},
    {"peak_resident_bytes", "The memory of the process at its peak."},
    {"best_iteration, best_total", "Of the picture that was saved."},
};

static const char plan_begin[] =
    ".SH PLAN\n"
    ".B \\-\\-plan \\-\\-json\n"
    "prints one JSON object.\n"
    "Where the work does not fit into memory, it says so, and the exit status is 1.\n";

static const entry plan_entries[] = {
    {"version, threads, instruction_set, precision", "What it would run with."},
    {"size, style_sizes", "Of OUT, and of each style."},
    {"iterations, seconds", "Of all stages; the time is an estimate, or null."},
    {"stages",
     "For each: stage, size, style_sizes, iterations, weights, precision, bytes, seconds."},
    {"regions", "Of maps: color (#rrggbb) and share of each."},
    {"fits, refusal", "Whether there is memory for it, and what is said where there is not."},
    {"peak_bytes", "The memory of the process at its peak."},
    {"needed_bytes", "What is needed beyond what the process has, with a reserve."},
    {"available_bytes, limit", "What there is, and what limits it; or null."},
    {"largest_size", "The largest \\-\\-size that fits; 0 for none."},
    {"content_bounds_size", "Whether it is the content\\(aqs own, and \\-\\-upscale allows more."},
    {"larger_in_bf16, larger_with", "What would be tried for larger ones."},
};

static void print_entries(FILE *file, const entry *entries, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (entries[i].text)
            fprintf(file, ".TP\n.B %s\n%s\n", entries[i].name, entries[i].text);
        else
            fprintf(file, ".SS %s\n", entries[i].name);
    }
}

void manual_log_print(FILE *file) {
    fputs(log_begin, file);
    print_entries(file, log_entries, sizeof log_entries / sizeof *log_entries);
    fputs(plan_begin, file);
    print_entries(file, plan_entries, sizeof plan_entries / sizeof *plan_entries);
}
