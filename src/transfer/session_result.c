/* SPDX-License-Identifier: MIT */
#include "image/image.h"
#include "transfer/api_error.h"
#include "transfer/session.h"
#include "transfer/transparency.h"

const stylize_image *stylize_session_picture(stylize_session *self) {
    if (!self->started)
        return NULL;
    self->picture = canvas_show(&self->stage->canvas, self->stage->optimizer.x);
    self->picture.properties = session_model(self)->properties;
    return &self->picture;
}

static bool at_final_size(const stylize_session *self) {
    return self->started && session_is_last(self);
}

/* A picture of an earlier stage at the final size; NULL with *err. */
static image *enlarge(const stylize_session *self, const image *small, error *err) {
    const frame *final = &self->plan.frame;
    image *out = image_new(final->width, final->height, err);
    if (out && !image_view_resample(
                   image_view_of(small->planes, small->width, small->height, IMAGE_CHANNELS),
                   image_view_of(out->planes, out->width, out->height, IMAGE_CHANNELS),
                   self->recipe->tile, err)) {
        image_free(out);
        return NULL;
    }
    return out;
}

/* The best picture of the stage at work, or what the one before it made, brought to the final size;
 * only where it has that size by itself its transparency is restored. */
static image *best_picture(const stylize_session *self, error *err) {
    if (!self->started) {
        if (self->carried)
            return enlarge(self, self->carried, err);
        error_set(err, ERROR_FAILURE, "%s there was a picture",
                  session_is_cancelled(self) ? "cancelled before" : "asked for a result before");
        return NULL;
    }
    const canvas *painted = &self->stage->canvas;
    const float *variables = optimizer_best(&self->stage->optimizer);
    image *best = image_new(painted->width, painted->height, err);
    if (best && at_final_size(self)) {
        canvas_finish(painted, variables, best->planes);
    } else if (best) {
        canvas_paint(painted, variables, best->planes);
        image *larger = enlarge(self, best, err);
        image_free(best);
        best = larger;
    }
    return best;
}

/* Brings what is seen of the content, or of a picture to start from, or its alpha, to those of
 * `to`. */
static bool bring(const stylize_session *self, const image *from, bool alpha, const image *to,
                  error *err) {
    const image_view source = alpha ? image_view_of_alpha(from) : image_view_of_picture(from);
    const image_view target =
        image_view_of(alpha ? to->alpha : to->planes, to->width, to->height, source.planes);
    return from == self->content && !self->init
               ? frame_bring(&self->plan.frame, source, target, err)
               : image_view_resample(source, target, false, err);
}

/* What the canvas does at the end of the last stage, for a picture that comes from before it. */
static bool restore_transparency(const stylize_session *self, image *out, error *err) {
    const image *reference = session_inputs(self).reference;
    image *start = image_new(out->width, out->height, err);
    bool ok = start && bring(self, reference, false, start, err);
    if (ok && image_has_alpha(reference))
        ok = image_add_alpha(start, err) && bring(self, reference, true, start, err);
    if (ok)
        transparency_restore(out, start);
    image_free(start);
    return ok;
}

/* Gives a picture of the final size what it takes over from the content. */
static bool take_over(const stylize_session *self, image *out, error *err) {
    const image *content = self->content;
    if (content && image_has_alpha(content) &&
        !(image_add_alpha(out, err) && bring(self, content, true, out, err) &&
          (at_final_size(self) || restore_transparency(self, out, err))))
        return false;
    return image_properties_copy(&out->properties, &session_model(self)->properties, err);
}

static image *make_result(const stylize_session *self, error *err) {
    image *out = best_picture(self, err);
    if (out && take_over(self, out, err))
        return out;
    image_free(out);
    return NULL;
}

/* The picture of a start is no result, unless there is nothing to gain from it or it was asked
 * for. */
static bool is_worth_it(const stylize_session *self) {
    const bool improved = self->improved || (self->started && session_has_improved(self));
    return improved || !self->ended || self->event.stop == STYLIZE_STOP_CANCELLED ||
           self->plan.iterations == 0 || !self->could_improve;
}

stylize_image *stylize_session_result(stylize_session *self, stylize_error *err) {
    error e;
    image *out = NULL;
    if (is_worth_it(self))
        out = make_result(self, &e);
    else
        error_set(&e, ERROR_FAILURE, "no step lowers the cost: use a smaller --learning-rate%s",
                  self->networks[self->network_count - 1]->kernels->precision == PRECISION_BF16
                      ? ", smaller weights or --precision fp32"
                      : " or smaller weights");
    if (!out)
        api_error(&e, err);
    return out;
}

/* ---- all in one ---- */

stylize_image *stylize_transfer(const stylize_recipe *recipe, const stylize_network *network,
                                const stylize_image *content, const stylize_image *style,
                                stylize_error *err) {
    stylize_session *session = stylize_session_new(recipe, err);
    stylize_image *out = NULL;
    if (!session)
        return NULL;
    stylize_session_set_content(session, content);
    stylize_session_set_style(session, style);
    if (stylize_session_add_network(session, network, err) && stylize_session_run(session, err))
        out = stylize_session_result(session, err);
    stylize_session_free(session);
    return out;
}
