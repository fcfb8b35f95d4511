/* SPDX-License-Identifier: MIT
 *
 * libstylize: paints a content picture in the manner of a style picture (Gatys et al. 2015).
 *
 *     stylize_error err;
 *     stylize_params params = stylize_params_default();
 *     stylize_network *network = stylize_network_load("weights/vgg19-slim.safetensors", &err);
 *     stylize_image *content = stylize_image_read("content.jpg", params.max_pixels, &err);
 *     stylize_image *style = stylize_image_read("style.jpg", params.max_pixels, &err);
 *     stylize_image *out = stylize_transfer(network, content, style, NULL, &params, NULL, &err);
 *     stylize_image_write(out, "out.png", NULL, &err);
 *
 * Parameters in, picture out; nothing is printed and no global state is kept. A network is
 * immutable and may be shared by threads. Functions that fail return NULL or false and fill the
 * error; the _free functions accept NULL. The mathematics is in docs/method.md.
 */
#ifndef STYLIZE_H
#define STYLIZE_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define STYLIZE_VERSION "0.1.0"

/* ---- errors ---- */

typedef enum stylize_status {
    STYLIZE_OK = 0,
    STYLIZE_FAILURE, /* files, memory, data, weights that lack a layer */
    STYLIZE_USAGE,   /* parameters that can never work */
} stylize_status;

typedef struct stylize_error {
    stylize_status status;
    char text[1024]; /* one line without a full stop */
} stylize_error;

/* ---- pictures and networks (opaque, owned by the caller who made them) ---- */

typedef struct stylize_image stylize_image;
typedef struct stylize_network stylize_network;

/* Reads a PNG or JPEG file, told apart by content, at full precision. One whose header tells of
 * more than max_pixels is refused before any memory is taken. */
stylize_image *stylize_image_read(const char *path, int max_pixels, stylize_error *err);

typedef enum stylize_depth { STYLIZE_DEPTH_8, STYLIZE_DEPTH_16 } stylize_depth;

typedef struct stylize_write_options {
    stylize_depth depth; /* bits of a sample in PNG; JPEG has 8, and 16 is an error */
    int quality;         /* of JPEG, 1..100, always with full colour resolution; PNG needs none */
} stylize_write_options;

/* What the program does when told nothing: 8 bits, quality 95. */
stylize_write_options stylize_write_options_default(void);

/* Writes PNG or JPEG by the path's extension; an existing file is replaced only by a whole one.
 * Transparency goes into a PNG and is laid over white for a JPEG. options NULL: the default. */
bool stylize_image_write(const stylize_image *self, const char *path,
                         const stylize_write_options *options, stylize_error *err);

void stylize_image_size(const stylize_image *self, int *width, int *height);
void stylize_image_free(stylize_image *self);

/* Reads VGG-16 or VGG-19 weights from a file of safetensors or PyTorch (docs/weights-format.md). */
stylize_network *stylize_network_load(const char *path, stylize_error *err);
void stylize_network_free(stylize_network *self);

/* Whether `name` is a layer of VGG-19: conv{b}_{i}, relu{b}_{i} or pool{b}. */
bool stylize_layer_known(const char *name);

/* ---- parameters ---- */

#define STYLIZE_MAX_LAYERS 37 /* layers of VGG-19 that have a name */

typedef struct stylize_layer {
    char name[8];  /* "relu4_2" */
    double weight; /* >= 0 */
} stylize_layer;

typedef enum stylize_optimizer { STYLIZE_LBFGS, STYLIZE_ADAM, STYLIZE_GD } stylize_optimizer;
typedef enum stylize_init {
    STYLIZE_INIT_CONTENT,
    STYLIZE_INIT_RANDOM, /* three fifths noise round mid-grey, two fifths content */
} stylize_init;
typedef enum stylize_pooling { STYLIZE_POOL_MAX, STYLIZE_POOL_AVG } stylize_pooling;
typedef enum stylize_cost { STYLIZE_COST_MEAN, STYLIZE_COST_GATYS } stylize_cost;
typedef enum stylize_color {
    STYLIZE_COLOR_STYLE,   /* colours are part of the style */
    STYLIZE_COLOR_CONTENT, /* only light and dark are painted; the content's colours stay */
} stylize_color;

/* One line of the log: the costs at an iterate. J values are before their weights; total is after.
 */
typedef struct stylize_iteration {
    int iteration;                /* 0 is the start, before any step */
    int evaluations;              /* of cost and gradient so far */
    double seconds;               /* wall clock since optimisation began */
    double total;                 /* alpha * content + beta * style + tv_weight * tv */
    double content;               /* J_content: layer weights applied, alpha not */
    double style;                 /* J_style: layer weights applied, beta not */
    double tv;                    /* J_tv, also when its weight is 0 */
    double gradient_norm;         /* 2-norm of the unprojected dJ/dG over all 3HW values */
    const double *content_layers; /* [content_layer_count] J of each layer before its weight */
    const double *style_layers;   /* [style_layer_count] likewise */
    const stylize_image *picture; /* the iterate, such as stylize_image_write takes it */
} stylize_iteration;

/* Called after every iteration, 0 included, from the thread that called stylize_transfer. The
 * pointers are valid during the call. A non-zero return stops; the best picture is returned. */
typedef int stylize_progress(void *user, const stylize_iteration *now);

/* What a transfer does, in this order. */
typedef enum stylize_phase {
    STYLIZE_PHASE_RESIZE,   /* the content and the start come to size */
    STYLIZE_PHASE_STYLE,    /* the style picture comes to size and is analysed */
    STYLIZE_PHASE_CONTENT,  /* the content is analysed */
    STYLIZE_PHASE_OPTIMIZE, /* the start is evaluated, then come the iterations */
} stylize_phase;

/* Called as each phase begins, from the thread that called stylize_transfer: what there is to show
 * before the first call of stylize_progress. */
typedef void stylize_phase_begins(void *user, stylize_phase phase);

typedef struct stylize_params {
    double alpha; /* content weight, >= 0 */
    double beta;  /* style weight, >= 0 */
    double tv;    /* smoothness weight, >= 0 */
    stylize_layer content_layers[STYLIZE_MAX_LAYERS];
    int content_layer_count;
    stylize_layer style_layers[STYLIZE_MAX_LAYERS];
    int style_layer_count;
    int iterations;     /* steps of the optimiser, >= 0 */
    int size;           /* longest side of the result in pixels; 0 = the content's own size */
    bool upscale;       /* let `size` enlarge a smaller content */
    double style_scale; /* > 0: the style's longest side relative to the result's */
    stylize_optimizer optimizer;
    int history;          /* L-BFGS pairs, >= 1 */
    double learning_rate; /* > 0; 0 = the optimiser's own default */
    stylize_init init;    /* where to start unless a picture is given */
    uint64_t seed;        /* of STYLIZE_INIT_RANDOM */
    stylize_pooling pooling;
    stylize_cost cost;
    int max_pixels; /* of the result, and of the style as it is analysed; >= 1 */
    stylize_color color;
    int threads;                /* 0 = as many as the processors this process may use */
    stylize_progress *progress; /* may be NULL */
    int progress_memory; /* bytes a pixel of the result that it may allocate, to be planned */
    stylize_phase_begins *phase; /* may be NULL */
    void *user;                  /* handed to progress and phase */
} stylize_params;

/* What the program does when told nothing. */
stylize_params stylize_params_default(void);

/* The size in pixels of the result, and that at which the style picture is analysed for it. */
void stylize_output_size(const stylize_params *params, int content_width, int content_height,
                         int *width, int *height);
void stylize_style_size(const stylize_params *params, int result_width, int result_height,
                        int style_width, int style_height, int *width, int *height);

/* ---- the transfer ---- */

typedef enum stylize_stop {
    STYLIZE_STOP_ITERATIONS, /* all iterations done */
    STYLIZE_STOP_CONVERGED,  /* no step lowers the cost any more */
    STYLIZE_STOP_PROGRESS,   /* the progress callback asked to */
} stylize_stop;

typedef struct stylize_result {
    stylize_stop stop;
    int iterations;
    int evaluations;
    double seconds; /* wall clock of the optimisation */
    int best_iteration;
    double best_total; /* the cost of the returned picture, over white, before rounding */
} stylize_result;

/* What a transfer is going to take. */
typedef struct stylize_forecast {
    int width, height;             /* of the result */
    int style_width, style_height; /* at which the style picture is analysed */
    uint64_t peak;                 /* bytes resident in this process at the peak; within 10 % */
    uint64_t needed;               /* bytes beyond what the process has now, with a reserve */
    uint64_t available;            /* bytes that it may take beyond; UINT64_MAX without a limit */
    const char *limit;             /* what sets `available`, such as "free memory"; or NULL */
    int largest_size;              /* the largest params->size with which it fits; 0 for none */
    double seconds;                /* of the optimisation; negative when it was not measured */
    stylize_error refusal;         /* STYLIZE_OK when it fits, else what the transfer fails with */
} stylize_forecast;

/* Tells what stylize_transfer with these arguments would take, without doing it: memory from the
 * plan of all that is allocated, time from a calibration of up to a few seconds. That runs a few
 * iterations of the same job at one or two small sizes and goes on from there in a straight line,
 * as if the machine stayed as busy as it is now and no larger size had slower memory; the progress
 * callbacks are not called. Expect the time to be off by a quarter on a quiet machine. False with
 * *err when the job cannot be done at any memory; one that does not fit has a refusal. */
bool stylize_plan(const stylize_network *network, const stylize_image *content,
                  const stylize_image *style, const stylize_image *init,
                  const stylize_params *params, stylize_forecast *forecast, stylize_error *err);

/* Stylises `content` after `style`, starting from `init` (resized to the result's size when it
 * differs; NULL = params->init). Transparent pixels are seen over white; the result takes over the
 * content's transparency, resized, its colour profile and its density. Returns the best picture
 * met, which the caller owns; NULL on failure, which it also is when no step was better than a
 * start that could be bettered. A job for which memory is short is refused before it starts, with
 * an error that names the size that fits. Nothing is allocated in an iteration. Denormal numbers
 * are off while it runs, in the progress callback, too; the caller's floating-point state is
 * restored. `result` may be NULL. */
stylize_image *stylize_transfer(const stylize_network *network, const stylize_image *content,
                                const stylize_image *style, const stylize_image *init,
                                const stylize_params *params, stylize_result *result,
                                stylize_error *err);

/* The name of the instruction set in use, such as "avx512". */
const char *stylize_instruction_set(void);

/* The word for a stop reason, such as "iterations". */
const char *stylize_stop_name(stylize_stop stop);

#ifdef __cplusplus
}
#endif

#endif
