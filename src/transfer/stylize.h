/* SPDX-License-Identifier: MIT
 *
 * libstylize: paints a content picture in the manner of a style picture (Gatys et al. 2015).
 *
 *     stylize_error err;
 *     stylize_recipe *recipe = stylize_recipe_new(&err);
 *     stylize_recipe_set(recipe, "size", "1024", &err);
 *     stylize_image *out = stylize_transfer(recipe, network, content, style, &err);
 *
 * What is wanted is a recipe, whose fields are set by name (stylize --help lists them). The work is
 * a session: it plans its memory and its stages, is stepped by the caller or run to its end, tells
 * observers what happens, and can be cancelled at any moment. Pictures come from files or from the
 * caller's pixels.
 *
 * Nothing is printed and no global state is kept. Functions that fail return NULL or false and fill
 * *err, which may not be NULL; the _free functions accept NULL. A recipe, a picture or a network
 * may be used by several threads as long as none changes it; a session belongs to one thread at a
 * time, stylize_session_cancel apart.
 *
 * Structures that can be looked into (fields, plans, events) are made by the library and only read,
 * through a pointer: members may be added at their ends. docs/method.md has the mathematics.
 */
#ifndef STYLIZE_H
#define STYLIZE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define STYLIZE_API __attribute__((visibility("default")))
#define STYLIZE_PRINTF(text, first) __attribute__((format(printf, text, first)))
#else
#define STYLIZE_API
#define STYLIZE_PRINTF(text, first)
#endif

/* ---- version ---- */

#define STYLIZE_VERSION_MAJOR 0
#define STYLIZE_VERSION_MINOR 2
#define STYLIZE_VERSION_PATCH 0
#define STYLIZE_VERSION "0.2.0"

/* The version of the library that is running, such as "0.2.0". */
STYLIZE_API const char *stylize_version(void);

/* ---- errors ---- */

typedef enum stylize_status {
    STYLIZE_OK = 0,
    STYLIZE_FAILURE, /* files, memory, data, weights that lack a layer */
    STYLIZE_USAGE,   /* a request that can never work as it is */
    STYLIZE_MEMORY,  /* a network or a job for which memory is short here and now */
} stylize_status;

typedef struct stylize_error {
    stylize_status status;
    char text[1024]; /* one line without a full stop: what, why, and the way out if there is one */
} stylize_error;

/* Fills *err and returns false. Control characters become '?', and a text that is too long loses
 * its middle, so that it stays one line. */
STYLIZE_API bool stylize_error_set(stylize_error *err, stylize_status status, const char *format,
                                   ...) STYLIZE_PRINTF(3, 4);

/* ---- pictures ---- */

typedef struct stylize_image stylize_image;

/* Reads a PNG, JPEG, WebP or TIFF file, told apart by content, at full precision. One whose header
 * tells of more than max_pixels is refused before any memory is taken. */
STYLIZE_API stylize_image *stylize_image_read(const char *path, int max_pixels, stylize_error *err);

/* The same from an open stream, which is called `name` in errors and stays open. */
STYLIZE_API stylize_image *stylize_image_read_stream(FILE *file, const char *name, int max_pixels,
                                                     stylize_error *err);

/* How a caller's pixels hold a value: 0..255, 0..65535, or a float in [0,1]. */
typedef enum stylize_sample { STYLIZE_U8, STYLIZE_U16, STYLIZE_FLOAT } stylize_sample;

/* A picture of the caller's pixels, which are copied: rows of `width` pixels, `stride` bytes from
 * one to the next, each pixel 1 (grey), 2 (grey, alpha), 3 (RGB) or 4 (RGB, alpha) samples. Alpha
 * is not multiplied into the colours. Floats are clipped to [0,1]. */
STYLIZE_API stylize_image *stylize_image_from_pixels(const void *pixels, int width, int height,
                                                     size_t stride, int channels,
                                                     stylize_sample sample, stylize_error *err);

/* Writes a picture's pixels likewise, rounded to the sample. Without a channel for it transparency
 * is laid over white; grey is the luma of ITU-R BT.709. */
STYLIZE_API bool stylize_image_to_pixels(const stylize_image *self, void *pixels, size_t stride,
                                         int channels, stylize_sample sample, stylize_error *err);

/* A new picture, resampled: with the transparency, without the profile. */
STYLIZE_API stylize_image *stylize_image_resize(const stylize_image *self, int width, int height,
                                                stylize_error *err);

STYLIZE_API void stylize_image_size(const stylize_image *self, int *width, int *height);
STYLIZE_API bool stylize_image_has_alpha(const stylize_image *self);
STYLIZE_API void stylize_image_free(stylize_image *self);

typedef enum stylize_format {
    STYLIZE_FORMAT_UNKNOWN,
    STYLIZE_PNG,
    STYLIZE_JPEG,
    STYLIZE_WEBP,
    STYLIZE_TIFF,
} stylize_format;

#define STYLIZE_JPEG_MOST_SIDE 65500 /* pixels */

/* The format that a path's extension asks for (STYLIZE_EXTENSIONS), in capitals or not. */
STYLIZE_API stylize_format stylize_format_of_path(const char *path);

/* Encodes in memory: PNG or TIFF with `depth` bits a sample, 8 or 16 (0: 8), or JPEG with full
 * colour resolution or WebP, with a quality of 1 to 100 (0: 95; WebP is exact at 100). Transparency
 * is kept, and laid over white for a JPEG. `name` is for errors. The caller frees *data [size] with
 * free(). */
STYLIZE_API bool stylize_image_encode(const stylize_image *self, stylize_format format, int depth,
                                      int quality, const char *name, char **data, size_t *size,
                                      stylize_error *err);

/* Encodes to the format of the path's extension and writes the file, whole or not at all. */
STYLIZE_API bool stylize_image_write(const stylize_image *self, const char *path, int depth,
                                     int quality, stylize_error *err);

/* ---- networks ---- */

typedef struct stylize_network stylize_network; /* immutable */

/* Reads VGG-16 or VGG-19 weights from a file of safetensors or PyTorch (docs/weights-format.md), or
 * from such a file's bytes, which are not needed afterwards and called `name` in errors: all of
 * them, in the precision that suits this processor. See stylize_network_load_for. */
STYLIZE_API stylize_network *stylize_network_load(const char *path, stylize_error *err);
STYLIZE_API stylize_network *stylize_network_from_memory(const void *data, size_t size,
                                                         const char *name, stylize_error *err);
STYLIZE_API void stylize_network_free(stylize_network *self);

/* The precision that it was loaded in, "fp32" or "bf16". */
STYLIZE_API const char *stylize_network_precision(const stylize_network *self);

/* Whether `name` is a layer of VGG-19: conv{b}_{i}, relu{b}_{i} or pool{b}; and whether a network
 * has it loaded, with *err naming the deepest layer that it has. */
STYLIZE_API bool stylize_layer_known(const char *name);
STYLIZE_API bool stylize_network_has_layer(const stylize_network *self, const char *name,
                                           stylize_error *err);

/* The layers that suit a network, which are compared where a recipe names none in that field
 * ("content-layers", "style-layers"); NULL past the last, and for other fields. */
STYLIZE_API const char *stylize_network_suited_layer(const stylize_network *self, const char *field,
                                                     int index);

/* What a weights file says of itself, without its numbers being read. */
typedef struct stylize_network_file stylize_network_file;
STYLIZE_API stylize_network_file *stylize_network_file_open(const char *path, stylize_error *err);
/* "architecture" (vgg16, vgg19), "deepest" (such as conv5_1), "parameters" (a count), or a key of
 * the file's metadata, such as "license"; NULL where it says nothing. Valid until freed. */
STYLIZE_API const char *stylize_network_file_get(const stylize_network_file *self, const char *key);
STYLIZE_API void stylize_network_file_free(stylize_network_file *self);

/* ---- fields ---- */

typedef enum stylize_field_kind {
    STYLIZE_FIELD_FLAG,    /* yes or no */
    STYLIZE_FIELD_NUMBER,  /* in [low, high] */
    STYLIZE_FIELD_INTEGER, /* likewise, whole */
    STYLIZE_FIELD_WORD,    /* one of `words` */
    STYLIZE_FIELD_TEXT,
    STYLIZE_FIELD_LAYERS,  /* L[:WEIGHT],... */
    STYLIZE_FIELD_COUNTS,  /* whole numbers, N[,N...] */
    STYLIZE_FIELD_SIZE,    /* N or WxH */
    STYLIZE_FIELD_SCALES,  /* auto, N or SIZE,SIZE,... */
    STYLIZE_FIELD_NUMBERS, /* NUMBER[,NUMBER...] */
} stylize_field_kind;

typedef enum stylize_field_files {
    STYLIZE_FILES_ANY,
    STYLIZE_FILES_PICTURES,
    STYLIZE_FILES_WEIGHTS,
} stylize_field_files;

/* A setting: how it is called, what it takes, what it is without being set. Programs may have
 * fields of their own, for stylize_field_check: it does not grow. */
typedef struct stylize_field {
    const char *name; /* "style-scale"; in JSON "style_scale" */
    stylize_field_kind kind;
    char letter;               /* of the short option, or 0 */
    const char *group;         /* heading in --help */
    const char *argument;      /* the value's name in --help; NULL for a flag */
    const char *help;          /* ends without the default */
    const char *standard;      /* the default as one would type it; "" where it is nothing */
    double low, high;          /* of numbers, of each where there are several */
    bool zero;                 /* 0 is accepted besides [low, high] */
    bool automatic;            /* "auto" is accepted */
    const char *range;         /* the accepted numbers in words; NULL for words and texts */
    const char *const *words;  /* ends with NULL; of a TEXT those that are no file names */
    stylize_field_files files; /* of a TEXT: what shells complete */
} stylize_field;

/* Checks a value as one types it against a field: of FLAG ("yes" or "no"), NUMBER, INTEGER and WORD
 * also what it is, a word being the index in `words` and auto 0. False with *err (STYLIZE_USAGE)
 * naming the field and what it takes. `number` may be NULL. */
STYLIZE_API bool stylize_field_check(const stylize_field *self, const char *text, double *number,
                                     stylize_error *err);

/* The one of names [count] that `word` was probably meant to be; NULL where none is near. */
STYLIZE_API const char *stylize_nearest_name(const char *word, const char *const *names,
                                             size_t count);

/* ---- recipes ---- */

#define STYLIZE_MOST_STYLES 16 /* pictures that are blended, or have regions of their own */
#define STYLIZE_MOST_STAGES 16 /* from coarse to fine */

/* What is wanted: everything that decides the result, and nothing else. */
typedef struct stylize_recipe stylize_recipe;

STYLIZE_API stylize_recipe *stylize_recipe_new(stylize_error *err); /* of defaults */
STYLIZE_API stylize_recipe *stylize_recipe_copy(const stylize_recipe *self, stylize_error *err);
STYLIZE_API void stylize_recipe_free(stylize_recipe *self);

/* The fields of a recipe, in the order of --help; NULL past the last. */
STYLIZE_API const stylize_field *stylize_recipe_field(size_t index);
STYLIZE_API const stylize_field *stylize_recipe_field_named(const char *name);

/* Sets a field to a value as one types it, or to a number: of a FLAG 0 or 1, of a WORD its index,
 * of COUNTS, SIZE, SCALES and NUMBERS what the number alone says; 0 is auto for a NUMBER or INTEGER
 * that has it, -1 where 0 is a value of its own ("alpha"). The field "compat" also sets those that
 * nobody has set. False with *err (STYLIZE_USAGE) naming the field: unknown, of the wrong kind, or
 * out of range; then nothing is changed. */
STYLIZE_API bool stylize_recipe_set(stylize_recipe *self, const char *name, const char *value,
                                    stylize_error *err);
STYLIZE_API bool stylize_recipe_set_number(stylize_recipe *self, const char *name, double value,
                                           stylize_error *err);

/* A field's value as one would type it, cut to `size` bytes with its end; returns the length of the
 * whole, as snprintf does, or -1 for an unknown name. */
STYLIZE_API int stylize_recipe_get(const stylize_recipe *self, const char *name, char *text,
                                   size_t size);
/* The value of a FLAG, NUMBER, INTEGER or WORD (its index; auto: 0); false for others. */
STYLIZE_API bool stylize_recipe_get_number(const stylize_recipe *self, const char *name,
                                           double *value);

/* Layers of a field of LAYERS, and the name and weight of one of them; 0 and NULL past the last. */
STYLIZE_API int stylize_recipe_layer_count(const stylize_recipe *self, const char *name);
STYLIZE_API const char *stylize_recipe_layer(const stylize_recipe *self, const char *name,
                                             int index, double *weight);

/* Which networks to use, FILE|NAME[,...]: the recipe's weights, or what auto stands for. And one
 * for stages at which these outgrow memory; NULL where the recipe names its networks itself, or
 * they are light already. Valid until the recipe changes. */
STYLIZE_API const char *stylize_recipe_weights(const stylize_recipe *self);
STYLIZE_API const char *stylize_recipe_light_weights(const stylize_recipe *self);

/* Loads a network for a recipe: in its precision, and of the weights only what it takes to compare
 * the recipe's layers, which saves time and memory. With a recipe of deeper layers a session fails,
 * as it does where weights lack them. And the precision that it would have on this processor. */
STYLIZE_API stylize_network *stylize_network_load_for(const stylize_recipe *recipe,
                                                      const char *path, stylize_error *err);
STYLIZE_API const char *stylize_recipe_precision(const stylize_recipe *self);

/* The size of the result for a content of that size (of a texture: a first style), and that at
 * which a style picture, the first one or any, is analysed for it. Each side of both must be in
 * [STYLIZE_LEAST_SIDE, ...], their pixels at most STYLIZE_MOST_PIXELS and the recipe's max-pixels.
 */
#define STYLIZE_LEAST_SIDE 16
#define STYLIZE_MOST_PIXELS (1 << 28)
STYLIZE_API void stylize_recipe_result_size(const stylize_recipe *self, int content_width,
                                            int content_height, int *width, int *height);
STYLIZE_API void stylize_recipe_style_size(const stylize_recipe *self, int result_width,
                                           int result_height, int style_width, int style_height,
                                           int *width, int *height);
STYLIZE_API void stylize_recipe_style_size_at(const stylize_recipe *self, int index,
                                              int result_width, int result_height, int style_width,
                                              int style_height, int *width, int *height);

/* Sets the fields that a JSON object names, as "style_scale" for style-scale; the others stay. On
 * failure nothing is changed. Values are: true or false for a FLAG; numbers; strings for a WORD and
 * a TEXT; {"relu1_1": 0.5, "relu2_1": 0.5} for LAYERS; a number or an array for COUNTS and NUMBERS;
 * a number or [width, height] for SIZE; a number of stages or an array of sizes for SCALES; "auto".
 */
STYLIZE_API bool stylize_recipe_read_json(stylize_recipe *self, const char *json, size_t length,
                                          stylize_error *err);
/* All fields as a JSON object, on one line, that reads back as the same recipe; the caller frees it
 * with free(). NULL with *err when memory is short or a text is not UTF-8. */
STYLIZE_API char *stylize_recipe_write_json(const stylize_recipe *self, stylize_error *err);

/* ---- sessions ---- */

/* The work. A picture is painted in stages, from coarse to the final size, each in phases. */
typedef struct stylize_session stylize_session;

/* Copies the recipe. The pictures and networks are borrowed and must outlive the session. */
STYLIZE_API stylize_session *stylize_session_new(const stylize_recipe *recipe, stylize_error *err);
STYLIZE_API void stylize_session_free(stylize_session *self);

/* Inputs, before the first step; afterwards they are ignored, and a network is refused. Content,
 * style and a network are needed, or no content for a recipe of a texture; set_style makes a style
 * the only one, add_style adds one to be blended with those before. `init` is the picture to start
 * from. Networks are added from that of the coarsest stage on; the last one is that of all further
 * stages. Threads: 0 for as many as there are processors. */
STYLIZE_API void stylize_session_set_content(stylize_session *self, const stylize_image *content);
STYLIZE_API void stylize_session_set_style(stylize_session *self, const stylize_image *style);
STYLIZE_API bool stylize_session_add_style(stylize_session *self, const stylize_image *style,
                                           stylize_error *err);
STYLIZE_API void stylize_session_set_init(stylize_session *self, const stylize_image *init);
/* Pictures that say where, see the fields mask, content-map and content-weight-map: masks, one for
 * all styles or one for each in their order; the content's map and that of each style. */
STYLIZE_API bool stylize_session_add_mask(stylize_session *self, const stylize_image *mask,
                                          stylize_error *err);
STYLIZE_API void stylize_session_set_content_map(stylize_session *self, const stylize_image *map);
STYLIZE_API bool stylize_session_add_style_map(stylize_session *self, const stylize_image *map,
                                               stylize_error *err);
STYLIZE_API void stylize_session_set_content_weight_map(stylize_session *self,
                                                        const stylize_image *map);
STYLIZE_API bool stylize_session_add_network(stylize_session *self, const stylize_network *network,
                                             stylize_error *err);
STYLIZE_API void stylize_session_set_threads(stylize_session *self, int threads);

/* One stage of a plan. */
typedef struct stylize_stage {
    int width, height;             /* of the picture */
    int style_width, style_height; /* at which the first style is analysed */
    int iterations;
    int network;            /* index of the network, in the order in which they were added */
    uint64_t bytes;         /* that it allocates, at its peak */
    double seconds;         /* of its iterations; negative where not measured */
    const int *style_sizes; /* [style_count][2]: width and height of each */
    int style_count;
} stylize_stage;

/* A region of the content with styles of its own. */
typedef struct stylize_region {
    unsigned char red, green, blue; /* of a map */
    double share;                   /* of the content's map */
} stylize_region;

/* What the work takes. */
typedef struct stylize_plan {
    int width, height; /* of the result */
    int iterations;    /* of all stages */
    int stage_count;
    const stylize_stage *const *stages; /* [stage_count], coarsest first */
    uint64_t peak;         /* bytes resident in this process at the peak, within 10 % */
    uint64_t needed;       /* bytes beyond what the process has now, with a reserve */
    uint64_t available;    /* bytes that it may take beyond; UINT64_MAX without a limit */
    const char *limit;     /* what sets `available`, such as "free memory"; or NULL */
    int largest_size;      /* the largest size with which it fits; 0 for none */
    bool content_bounds;   /* it is the content's own, and more would need upscale */
    double seconds;        /* of all iterations; negative where not measured */
    stylize_error refusal; /* STYLIZE_OK when it fits, else what the first step fails with */
    const stylize_region *const *regions; /* [region_count], of maps, the largest first */
    int region_count;
} stylize_plan;

/* Plans without working: sizes and memory, and if `timed` the time from a calibration of up to a
 * few seconds at small sizes. Valid until the session is freed or planned again. NULL with *err
 * when the work cannot be done with any memory. */
STYLIZE_API const stylize_plan *stylize_session_plan(stylize_session *self, bool timed,
                                                     stylize_error *err);

typedef enum stylize_event_kind {
    STYLIZE_EVENT_STAGE,     /* a stage begins */
    STYLIZE_EVENT_PHASE,     /* a phase begins: there is something to show before iterations */
    STYLIZE_EVENT_ITERATION, /* an iteration is done; the first of a stage is its start */
    STYLIZE_EVENT_END,       /* the last event */
} stylize_event_kind;

typedef enum stylize_phase {
    STYLIZE_PHASE_RESIZE,   /* content and start come to size */
    STYLIZE_PHASE_CONTENT,  /* the content is analysed */
    STYLIZE_PHASE_STYLE,    /* the style is resized and analysed */
    STYLIZE_PHASE_OPTIMIZE, /* the start is evaluated, then come the iterations */
} stylize_phase;

typedef enum stylize_stop {
    STYLIZE_STOP_ITERATIONS, /* all iterations done */
    STYLIZE_STOP_CONVERGED,  /* no step lowers the cost of the last stage any more */
    STYLIZE_STOP_CANCELLED,  /* an observer or stylize_session_cancel asked to */
} stylize_stop;

/* One term of the cost. */
typedef struct stylize_term {
    const char *kind;  /* "content", "style", "tv", "chroma_tv" */
    const char *layer; /* "relu4_2"; "" where it is the picture itself */
    double weight;     /* all factors: alpha or beta and the layer's */
    double value;      /* J before its weight */
    int region;        /* of a style term, where there are several; else 0 */
} stylize_term;

typedef struct stylize_event {
    stylize_event_kind kind;
    stylize_phase phase;
    int stage, stage_count;    /* the first is 0 */
    const stylize_stage *plan; /* of this stage */
    int iteration, iterations; /* done so far in all stages; that all stages will do at most */
    int stage_iteration;       /* done in this stage; 0 is its start */
    int evaluations;           /* of cost and gradient so far, in all stages */
    double seconds;            /* wall clock since the session's first step */
    double total;              /* each of the next four times its factor */
    double content, style;     /* layer weights applied; alpha and beta not */
    double tv, chroma_tv;      /* without their weights, too */
    double gradient_norm;      /* 2-norm of the unprojected dJ/dG over all 3HW values */
    const stylize_term *const *terms; /* [term_count] */
    int term_count;
    stylize_stop stop;  /* of STYLIZE_EVENT_END */
    int best_iteration; /* of the last stage, counted over all */
    double best_total;
    double alpha;         /* the content's weight now; that which "strength" asks for is found */
    double content_error; /* what has come of it in this stage; negative: not measured there */
} stylize_event;

/* Called from the thread that steps; the event is valid during the call. Non-zero cancels. */
typedef int stylize_observer(void *user, stylize_session *session, const stylize_event *event);

/* Adds an observer, after those that are there. It may allocate up to `bytes` bytes for each pixel
 * of the stage's picture, which are planned. */
STYLIZE_API bool stylize_session_observe(stylize_session *self, stylize_observer *observer,
                                         void *user, int bytes, stylize_error *err);

typedef enum stylize_progress {
    STYLIZE_FAILED, /* *err says why; the session is of no further use */
    STYLIZE_MORE,
    STYLIZE_DONE, /* done, converged or cancelled */
} stylize_progress;

/* Works up to the end of the next iteration; the first step of a stage prepares it and evaluates
 * its start. A job for which memory is short fails before it starts. Nothing is allocated in an
 * iteration. Denormal numbers are off meanwhile, in observers, too; the caller's floating-point
 * state is restored. */
STYLIZE_API stylize_progress stylize_session_step(stylize_session *self, stylize_error *err);

/* Steps to the end; false when a step fails. */
STYLIZE_API bool stylize_session_run(stylize_session *self, stylize_error *err);

/* Asks the session to stop before its next evaluation of the cost: from any thread, from an
 * observer or a signal handler, also before the first step. */
STYLIZE_API void stylize_session_cancel(stylize_session *self);

/* Changes alpha, beta, tv or chroma-tv from the next step on, by name; nothing is analysed again.
 * Also for observers. */
STYLIZE_API bool stylize_session_set(stylize_session *self, const char *name, double value,
                                     stylize_error *err);

/* The last event, or NULL before the first. */
STYLIZE_API const stylize_event *stylize_session_event(const stylize_session *self);

/* The picture of the last iteration at its stage's size, for stylize_image_write or _to_pixels:
 * valid until the next step. NULL before there is one. */
STYLIZE_API const stylize_image *stylize_session_picture(stylize_session *self);

/* The best picture of the last stage, brought to the final size where the session was cancelled
 * before it; the caller owns it. NULL with *err where there is none yet, or when no step was better
 * than a start that could be bettered. */
STYLIZE_API stylize_image *stylize_session_result(stylize_session *self, stylize_error *err);

/* All in one: a session of these, run to its end. The caller owns the result. */
STYLIZE_API stylize_image *stylize_transfer(const stylize_recipe *recipe,
                                            const stylize_network *network,
                                            const stylize_image *content,
                                            const stylize_image *style, stylize_error *err);

/* The word for a stop, such as "iterations". */
STYLIZE_API const char *stylize_stop_name(stylize_stop stop);

/* ---- the machine ---- */

/* The instruction set in use, such as "avx512"; the names of those compiled in, best first, NULL
 * past the last, and whether one runs here. */
STYLIZE_API const char *stylize_instruction_set(void);
STYLIZE_API const char *stylize_instruction_set_at(int index, bool *supported);

/* Whether this processor multiplies bf16, faster than fp32: what auto goes by in "precision". */
STYLIZE_API bool stylize_bf16_products(void);

/* The threads that a session asked for `wanted` would have. */
STYLIZE_API int stylize_thread_count(int wanted);

/* The process's resident set at its peak in bytes; 0 where the system does not tell. */
STYLIZE_API uint64_t stylize_memory_peak(void);

#ifdef __cplusplus
}
#endif

#include "stylize_cache.h"   /* what networks have learnt of styles */
#include "stylize_formats.h" /* more of the files of pictures: density, limits, animations */
#include "stylize_guard.h"   /* files parsed in processes that can do nothing else */
#include "stylize_output.h"  /* where files are written, kept for long runs */
#include "stylize_record.h"  /* how a picture was made */
#include "stylize_saved.h"   /* sessions that go on another day */
#include "stylize_units.h"   /* what units of a network respond to */

#endif
