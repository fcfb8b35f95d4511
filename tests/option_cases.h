/* SPDX-License-Identifier: MIT
 *
 * Every option with a value that it takes, for tests of the command line.
 */
#ifndef STYLIZE_TESTS_OPTION_CASES_H
#define STYLIZE_TESTS_OPTION_CASES_H

#include <stddef.h>

/* clang-format off */
static const struct {
    const char *name, *letter, *value, *printed;
} valued[] = {
    {"preset", NULL, "draft", "draft"}, {"strength", "S", "7.5", "7.5"},
    {"chroma-tv", NULL, "7", "7"},
    {"color-strength", NULL, ".5", "0.5"},
    {"compat", NULL, "gatys", "gatys"}, {"tv-cost", NULL, "absolute", "absolute"},
    {"adam-decay", NULL, ".99", "0.99"}, {"average", NULL, ".5", "0.5"},
    {"alpha", "a", ".2", "0.2"}, {"beta", "b", "1e4", "10000"}, {"tv", "t", "16.0", "16"},
    {"content-layers", NULL, "conv4_2:3,relu1_1:0", "conv4_2:3,relu1_1:0"},
    {"style-layers", NULL, "pool1,conv5_4", "pool1,conv5_4"}, {"cost", NULL, "gatys", "gatys"},
    {"size", "s", "640", "640"}, {"style-scale", NULL, "0.75", "0.75"},
    {"fit", NULL, "pad", "pad"}, {"scales", NULL, "128,256", "128,256"},
    {"iterations", "n", "1e3", "1000"}, {"optimizer", NULL, "adam", "adam"},
    {"history", NULL, "5", "5"}, {"learning-rate", NULL, "0.02", "0.02"},
    {"init", NULL, "start.png", "start.png"},
    {"seed", NULL, "9007199254740992", "9007199254740992"},
    {"weights", "w", "some=thing", "some=thing"}, {"pool", NULL, "avg", "avg"},
    {"depth", NULL, "16", "16"}, {"quality", NULL, "50", "50"},
    {"max-pixels", NULL, "1e6", "1000000"}, {"color", NULL, "content", "content"},
    {"style-cost", NULL, "covariance", "covariance"}, {"precision", NULL, "bf16", "bf16"},
    {"save-every", NULL, "50", "50"}, {"save-pattern", NULL, "p%d.png", "p%d.png"},
    {"threads", "j", "3", "3"}, {"log", NULL, "-", "-"}, {"print", NULL, "zsh", "zsh"},
    {"recipe", NULL, "r.json", "r.json"}, {"save-recipe", NULL, "w.json", "w.json"},
    {"style-weights", NULL, "3,.5", "3,0.5"},
    {"mask", NULL, "a.png,b.png", "a.png,b.png"},
    {"content-map", NULL, "c.png", "c.png"}, {"style-map", NULL, "s.png,t.png", "s.png,t.png"},
    {"content-weight-map", NULL, "w.png", "w.png"},
    {"plot", NULL, "c.svg", "c.svg"}, {"sweep", NULL, "beta=1,2", "beta=1,2"},
    {"compare", NULL, "a.json,b.json", "a.json,b.json"}, {"sweep-size", NULL, "64", "64"},
    {"format", NULL, "tiff", "tiff"}, {"dpi", NULL, "300", "300"},
    {"animation", NULL, "a.webp", "a.webp"}, {"checkpoint", NULL, "f,9", "f,9"},
};
/* clang-format on */

static const struct {
    const char *name, *letter;
} flags[] = {
    {"upscale", NULL},   {"plan", NULL},        {"quiet", "q"},    {"progress", NULL},
    {"verbose", "v"},    {"help", "h"},         {"version", NULL}, {"list-weights", NULL},
    {"mask-rest", NULL}, {"texture", NULL},     {"tile", NULL},    {"no-defaults", NULL},
    {"json", NULL},      {"no-metadata", NULL},
};
enum { VALUED = sizeof valued / sizeof *valued, FLAGS = sizeof flags / sizeof *flags };

#endif
