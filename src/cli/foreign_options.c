/* SPDX-License-Identifier: MIT
 *
 * The options of neural-style (Torch), neural-style-pt and style-transfer-pytorch as their sources
 * list them. Those that are called the same here, such as --iterations, are not in the table.
 * Weights have another scale in each program: with --compat an answer can say which.
 */
#include "cli/foreign_options.h"

#include <stdbool.h>
#include <string.h>

#define NS "neural-style"
#define PT "neural-style-pt"
#define STP "style-transfer-pytorch"

#define PROCESSOR "not supported: it runs on the CPU only (see --threads)"
#define OUT_IS_LAST "here: the last operand, OUT"
#define STYLE_WEIGHTS "here: --style-weights NUMBER,... (and STYLE... before OUT)"
#define NO_PAGE "not supported: there is no web page; see the progress line and --save-every"
#define SMOOTHNESS "here: --compat style-transfer-pytorch --tv NUMBER"
#define CONTENT_WEIGHT "here: --compat style-transfer-pytorch --alpha NUMBER, twice as much"

/* clang-format off */
static const foreign_option table[] = {
    {"-content_image", NS, "here: the first operand, CONTENT"},
    {"-style_image", NS, "here: the operands after the first, STYLE..."},
    {"-output_image", NS, OUT_IS_LAST},
    {"-style_blend_weights", NS, STYLE_WEIGHTS},
    {"-image_size", NS, "here: --size PIXELS (with --upscale where CONTENT is smaller)"},
    {"-gpu", NS, PROCESSOR},
    {"-multigpu_strategy", NS, PROCESSOR},
    {"-multidevice_strategy", PT, PROCESSOR},
    {"-backend", NS, PROCESSOR},
    {"-cudnn_autotune", NS, PROCESSOR},
    {"-content_weight", NS, "here: --compat neural-style --alpha NUMBER, twice as much"},
    {"-style_weight", NS, "here: --compat neural-style --beta NUMBER, four times as much"},
    {"-tv_weight", NS, "here: --compat neural-style --tv NUMBER, times 65536; -pt: times 255"},
    {"-num_iterations", NS, "here: --iterations COUNT"},
    {"-normalize_gradients", NS, "not supported: weigh layers with --style-layers L:WEIGHT,..."},
    {"-init", NS, "here: --init content (for image) or --init random"},
    {"-init_image", NS, "here: --init FILE"},
    {"-optimizer", NS, "here: --optimizer NAME"},
    {"-learning_rate", NS, "here: --learning-rate NUMBER"},
    {"-lbfgs_num_correction", NS, "here: --history COUNT"},
    {"-print_iter", NS, "here: --log FILE writes the costs of every iteration"},
    {"-save_iter", NS, "here: --save-every COUNT"},
    {"-style_scale", NS, "here: --style-scale FACTOR"},
    {"-original_colors", NS, "here: --color content (for 1)"},
    {"-pooling", NS, "here: --pool KIND"},
    {"-model_file", NS, "here: --weights FILE"},
    {"-proto_file", NS, "not supported: --weights FILE says which network it is"},
    {"-disable_check", PT, "not supported: a weights file is always checked"},
    {"-seed", NS, "here: --seed NUMBER"},
    {"-content_layers", NS, "here: --content-layers LIST"},
    {"-style_layers", NS, "here: --style-layers LIST"},

    {"--output", STP, OUT_IS_LAST},
    {"-o", STP, OUT_IS_LAST},
    {"-sw", STP, STYLE_WEIGHTS},
    {"--device", STP, PROCESSOR},
    {"--devices", STP, PROCESSOR},
    {"--random-seed", STP, "here: --seed NUMBER"},
    {"-r", STP, "here: --seed NUMBER"},
    {"--content-weight", STP, CONTENT_WEIGHT},
    {"-cw", STP, CONTENT_WEIGHT},
    {"--tv-weight", STP, SMOOTHNESS},
    {"-tw", STP, SMOOTHNESS},
    {"--min-scale", STP, "here: --scales SIZE,SIZE,... lists the sizes, the coarsest first"},
    {"-ms", STP, "here: --scales SIZE,SIZE,... lists the sizes, the coarsest first"},
    {"--end-scale", STP, "here: -s PIXELS (with --upscale where CONTENT is smaller)"},
    {"-i", STP, "here: -n COUNT"},
    {"--initial-iterations", STP, "here: -n N,N,... counts from the coarsest stage on"},
    {"-ii", STP, "here: -n N,N,... counts from the coarsest stage on"},
    {"--step-size", STP, "here: --learning-rate NUMBER"},
    {"-ss", STP, "here: --learning-rate NUMBER"},
    {"--avg-decay", STP, "here: --average NUMBER"},
    {"-ad", STP, "here: --average NUMBER"},
    {"--style-scale-fac", STP, "here: --style-scale FACTOR"},
    {"--style-size", STP, "here: --style-scale FACTOR, relative to the size of OUT"},
    {"--pooling", STP, "here: --pool KIND"},
    {"--proof", STP, "not supported: OUT keeps the colour profile of CONTENT"},
    {"--web", STP, NO_PAGE},
    {"--host", STP, NO_PAGE},
    {"--port", STP, NO_PAGE},
    {"--browser", STP, NO_PAGE},
};
/* clang-format on */

enum { COUNT = sizeof table / sizeof *table };

const foreign_option *foreign_option_at(size_t index) {
    return index < COUNT ? &table[index] : NULL;
}

/* Whether a name differs from text[length] at most in its dashes. A letter stays apart from a word.
 */
static bool resembles(const char *name, const char *text, size_t length) {
    const size_t dashes = strspn(name, "-"), given = strspn(text, "-");
    if (given > length || strlen(name + dashes) != length - given ||
        (dashes != given && length - given < 3))
        return false;
    for (size_t i = 0; i < length - given; i++) {
        const char a = name[dashes + i], b = text[given + i];
        if (a != b && !((a == '_' || a == '-') && (b == '_' || b == '-')))
            return false;
    }
    return true;
}

const foreign_option *foreign_option_find(const char *text, size_t length) {
    for (size_t i = 0; i < COUNT; i++) {
        if (strlen(table[i].name) == length && !memcmp(table[i].name, text, length))
            return &table[i];
    }
    return NULL;
}

const foreign_option *foreign_option_like(const char *text, size_t length) {
    for (size_t i = 0; i < COUNT; i++) {
        if (resembles(table[i].name, text, length))
            return &table[i];
    }
    return NULL;
}
