/* SPDX-License-Identifier: MIT */
#include "core/cpu.h"
#include "transfer/session.h"

bool stylize_session_observe(stylize_session *self, stylize_observer *observer, void *user,
                             int bytes, stylize_error *err) {
    if (!observer || bytes < 0)
        return stylize_error_set(err, STYLIZE_USAGE,
                                 "the observer is NULL, or its memory is negative");
    if (self->begun)
        return stylize_error_set(err, STYLIZE_USAGE,
                                 "observers must be added before the session's first step");
    if (self->observer_count == SESSION_MOST_OBSERVERS)
        return stylize_error_set(err, STYLIZE_USAGE, "more than %d observers",
                                 SESSION_MOST_OBSERVERS);
    self->observers[self->observer_count++] = (session_observer){observer, user};
    self->observer_bytes += bytes;
    self->planned = false;
    return true;
}

void session_show_stage(stylize_session *self) {
    stylize_event *event = &self->event;
    event->stage = self->index;
    event->stage_count = self->plan.count;
    event->plan = &self->stages[self->index];
    event->iterations = self->plan.iterations;
    event->seconds = cpu_seconds() - self->begin;
}

void session_tell(stylize_session *self, stylize_event_kind kind) {
    stylize_event *event = &self->event;
    event->kind = kind;
    session_show_stage(self);
    for (int i = 0; i < self->observer_count; i++) {
        if (self->observers[i].call(self->observers[i].user, self, event))
            atomic_store(&self->cancelled, true);
    }
}

void session_tell_phase(stylize_session *self, stylize_phase phase) {
    self->event.phase = phase;
    session_tell(self, STYLIZE_EVENT_PHASE);
}

/* The region of a term by its place in the spec, where style terms stand region by region. */
static int region_of(const stage *self, int index) {
    const int layers = self->settings.style_layer_count;
    const int from_first = index - self->settings.content_layer_count;
    return from_first < 0 || from_first >= layers * self->settings.regions->count
               ? 0
               : from_first / layers;
}

/* The terms as the stage's objective has them. */
static void fill_terms(stylize_session *self) {
    const objective *cost = &self->stage->objective;
    const cost_values *values = objective_values(cost);
    const vgg *network = self->stage->settings.network;
    /* What is only watched is no part of the cost. */
    const int count = cost->spec.count - (self->stage->settings.watched >= 0);
    for (int i = 0; i < count; i++) {
        const cost_term *term = &cost->spec.terms[i];
        self->terms[i] = (stylize_term){
            .kind = cost_kind_at(term->kind)->name,
            .layer = term->layer == COST_PICTURE ? "" : network->layers[term->layer].name,
            .weight = cost->spec.factors[term->kind] * term->weight,
            .value = values->terms[i],
            .region = region_of(self->stage, i),
        };
        self->term_list[i] = &self->terms[i];
    }
    self->event.terms = self->term_list;
    self->event.term_count = count;
}

void session_show_iteration(stylize_session *self) {
    const optimizer *method = &self->stage->optimizer;
    const cost_values *values = objective_values(&self->stage->objective);
    stylize_event *event = &self->event;
    event->stage_iteration = method->iterations;
    event->iteration = self->iterations + method->iterations;
    event->evaluations = self->evaluations + method->evaluations;
    event->total = values->total;
    event->content = values->kinds[COST_CONTENT];
    event->style = values->kinds[self->stage->settings.style_kind];
    event->tv = values->kinds[COST_SMOOTHNESS];
    event->chroma_tv = values->kinds[COST_CHROMA];
    event->alpha = self->stage->objective.spec.factors[COST_CONTENT];
    event->content_error = self->content_error;
    event->gradient_norm = values->gradient_norm;
    event->best_iteration = self->iterations + method->best_iteration;
    event->best_total = method->best_value;
    fill_terms(self);
}

void session_tell_iteration(stylize_session *self) {
    session_show_iteration(self);
    session_tell(self, STYLIZE_EVENT_ITERATION);
}

void session_tell_end(stylize_session *self, stylize_stop stop) {
    self->event.stop = stop;
    session_tell(self, STYLIZE_EVENT_END);
}

const stylize_event *stylize_session_event(const stylize_session *self) {
    return self->event.plan ? &self->event : NULL;
}

const char *stylize_stop_name(stylize_stop stop) {
    static const char *const names[] = {"iterations", "converged", "interrupted"};
    return names[stop];
}
