/* SPDX-License-Identifier: MIT
 *
 * The inside of a session, for the files that make it up:
 *
 *     session.c          life, inputs, stepping from stage to stage
 *     session_plan.c     what it takes, for those who ask
 *     session_strength.c the content's weight, where it is found
 *     session_events.c   what observers are told
 *     session_result.c   its pictures
 *     session_saved.c    saving and loading
 */
#ifndef STYLIZE_TRANSFER_SESSION_H
#define STYLIZE_TRANSFER_SESSION_H

#include <stdatomic.h>

#include "core/denormals.h"
#include "image/image.h"
#include "transfer/plan.h"
#include "transfer/stage.h"
#include "transfer/stylize.h"

#define SESSION_MOST_OBSERVERS 32
#define SESSION_MOST_RETRIES 4

typedef struct session_observer {
    stylize_observer *call;
    void *user;
} session_observer;

struct stylize_session {
    /* What it was made from. */
    stylize_recipe *recipe; /* a copy; owned */
    const image *content, *init;
    const image *styles[RECIPE_MOST_STYLES];
    int style_count;
    region_pictures pictures;
    stylize_cache *cache;
    const vgg *networks[RECIPE_MOST_STAGES];
    int network_count;
    int threads;
    session_observer observers[SESSION_MOST_OBSERVERS];
    int observer_count;
    int observer_bytes; /* a pixel, of all */

    /* What was planned, and how it is shown. */
    regions regions;
    plan plan;
    bool planned;
    stylize_plan shown;
    stylize_region shown_regions[REGIONS_MOST];
    const stylize_region *region_list[REGIONS_MOST];
    stylize_stage stages[RECIPE_MOST_STAGES];
    int style_sizes[RECIPE_MOST_STAGES][RECIPE_MOST_STYLES][2];
    const stylize_stage *stage_list[RECIPE_MOST_STAGES];

    /* Where it stands. */
    char *settings; /* of the recipe at the first step, a line each; owned */
    int more;       /* iterations of the last stage beyond those */
    atomic_bool cancelled;
    stage *stage;   /* at work; owned */
    int index;      /* of it */
    image *carried; /* what the stage before made; owned */
    int iterations; /* and evaluations of the stages before */
    int evaluations;
    bool begun, started; /* the first step was done; the stage's start is evaluated */
    bool over;           /* the next step leaves the stage */
    bool converged;      /* no step lowered its cost any more */
    bool changed;        /* factors, which the next step takes up */
    bool failed, ended;
    double content_power; /* mean square of its activation where it is watched; negative: unknown */
    double content_error; /* last measured in this stage; negative: never */
    bool improved;        /* some step was better than the start of its stage, */
    int retries;          /* of the content's weight */
    bool restarted;       /* other factors came to the stage; */
    double start_kinds[COST_KINDS]; /* and the costs of its start, without any */
    bool could_improve;             /* some start had a gradient */
    double begin;                   /* clock at the first step */
    denormals_team denormals;

    /* What was told last. */
    stylize_event event;
    stylize_term terms[COST_MOST_TERMS];
    const stylize_term *term_list[COST_MOST_TERMS];
    image picture; /* a view */
};

static inline bool session_is_cancelled(const stylize_session *self) {
    return atomic_load(&self->cancelled);
}

static inline bool session_is_last(const stylize_session *self) {
    return self->index + 1 == self->plan.count;
}

/* Work on a session with its threads and floating-point state, which are restored afterwards; the
 * first one begins it. After a failure it is of no further use. */
typedef stylize_progress session_work(stylize_session *self, void *what, error *err);
stylize_progress session_work_on(stylize_session *self, session_work *part, void *what,
                                 stylize_error *err);

/* Plans, and looks whether there is memory; once. */
bool session_begin(stylize_session *self, error *err);

/* Keeps the recipe's settings as a text. */
#define SESSION_MOST_SETTINGS 16384 /* bytes */
bool session_note_settings(stylize_session *self, error *err);

/* Brings the stage to where its start is to be evaluated, or its state to be loaded. True also when
 * it was cancelled on the way. */
bool session_enter_stage(stylize_session *self, const stage_inputs *inputs, error *err);
void session_free_stage(stylize_session *self);

/* Whether the stage at work has a better picture than its start, by the factors of now. */
bool session_has_improved(const stylize_session *self);

/* Plans if that has not been done. *self has its inputs; threads are set. */
bool session_make_plan(stylize_session *self, error *err);

/* What the stages take as a job for the plan. */
plan_job session_job(const stylize_session *self);

/* The picture that the result takes its shape and properties from: the content, or of a texture the
 * first style. */
static inline const image *session_model(const stylize_session *self) {
    return self->content ? self->content : self->styles[0];
}

/* What the stage that comes next paints from. */
stage_inputs session_inputs(const stylize_session *self);

/* The content's weight for the recipe's strength: guessed before the first iteration, from the
 * targets of the stage at work; after an iteration bettered, where that is due. */
void session_guess_weight(stylize_session *self);
void session_better_weight(stylize_session *self);
/* Where no step lowers the cost of a first stage and its content error is far from what is asked
 * for: whether another weight is to be tried, at most SESSION_MOST_RETRIES times. */
bool session_retry_weight(stylize_session *self);

/* Tells all observers; a stop that one of them asks for cancels. */
void session_tell(stylize_session *self, stylize_event_kind kind);
void session_tell_phase(stylize_session *self, stylize_phase phase);
void session_tell_iteration(stylize_session *self);
/* Fill in what is told of where it stands and of an iteration, and tell nobody. */
void session_show_stage(stylize_session *self);
void session_show_iteration(stylize_session *self);
void session_tell_end(stylize_session *self, stylize_stop stop);

#endif
