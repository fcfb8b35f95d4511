/* SPDX-License-Identifier: MIT */
#include "transfer/stage_walks.h"

#include "transfer/noise.h"
#include "transfer/start.h"

/* ---- which styles, for which regions ---- */

/* The targets of a region, one for each style layer. */
cost_target *stage_style_targets(stage *self, int region) {
    return self->style_targets + (ptrdiff_t)region * self->settings.style_layer_count;
}

/* Plans the analysis of a style picture for a region, which adds its share to the targets of those
 * before. `masks`, unless NULL, say where in the style. */
static bool prepare_style(stage *self, int region, int index, const cost_mask *masks, error *err) {
    const stage_settings *s = &self->settings;
    const image_extent size = wrap_around(&self->wrap, s->styles[index].size);
    cost_target *targets = stage_style_targets(self, region);
    for (int i = 0; i < s->style_layer_count; i++) {
        targets[i].share = stage_share(s, region, index);
        targets[i].mask = masks ? &masks[i] : NULL;
    }
    return analysis_prepare(&self->style_analysis, s->network, s->pooling, targets,
                            s->style_layer_count, size.height, size.width, err);
}

bool stage_prepare_styles(stage *self, error *err) {
    const stage_settings *s = &self->settings;
    for (int r = 0; r < s->regions->count; r++) {
        for (int i = 0; i < s->style_count; i++) {
            if (stage_share(s, r, i) > 0 && !prepare_style(self, r, i, NULL, err))
                return false;
        }
    }
    return true;
}

/* ---- pictures at the size of the stage ---- */

static image_view view_of(image_extent size, float *planes, int count) {
    return image_view_of(planes, size.width, size.height, count);
}

/* Each of the next functions is one walk: without pictures it measures, with them it works, too. */

/* Brings a view of somebody's to the size of the stage, into the frame if `framed`. */
static bool bring(stage *self, layout *to, bool works, image_view from, image_view size,
                  bool framed, error *err) {
    const frame *place = &self->settings.frame;
    resampling work =
        framed ? frame_resampling(place, from, size) : (resampling){.source = from, .target = size};
    const bool ok = resampling_walk(&work, to, works, err);
    if (works && ok && framed)
        frame_mirror_edges(place, size);
    return ok;
}

/* The picture that transparency is restored by, and the alpha of the content. */
bool stage_walk_take_transparency(stage *self, layout *to, const stage_inputs *inputs, error *err) {
    const stage_settings *s = &self->settings;
    const image_extent size = stage_extent(self);
    const canvas *c = &self->canvas;
    const bool works = inputs, framed = s->reference_is_content;
    if (!s->content_alpha)
        return true;
    const image_view reference = works ? image_view_of_picture(inputs->reference)
                                       : view_of(s->reference_from, NULL, IMAGE_CHANNELS);
    const image_view opacity = works && s->reference_alpha
                                   ? image_view_of_alpha(inputs->reference)
                                   : view_of(s->reference_from, NULL, 1);
    return bring(self, to, works, reference, view_of(size, c->start, IMAGE_CHANNELS), framed,
                 err) &&
           (!s->reference_alpha ||
            bring(self, to, works, opacity, view_of(size, c->start_a, 1), framed, err)) &&
           bring(self, to, works,
                 works ? image_view_of_alpha(inputs->content) : view_of(s->content_from, NULL, 1),
                 view_of(size, c->alpha, 1), true, err);
}

/* The content at the size of the stage, in the frame. */
static bool bring_content(stage *self, layout *to, const stage_inputs *inputs, image_view size,
                          error *err) {
    const image_view from = inputs ? image_view_of_picture(inputs->content)
                                   : view_of(self->settings.content_from, NULL, IMAGE_CHANNELS);
    return bring(self, to, inputs, from, size, true, err);
}

/* Adds to what the stage before has painted the detail of the content that it could not see. */
static bool add_detail(stage *self, layout *to, const stage_inputs *inputs, float *planes,
                       error *err) {
    const image_extent size = stage_extent(self), before = self->settings.start_from;
    const size_t mark = layout_mark(to), pixels = image_extent_area(size);
    const size_t count = IMAGE_CHANNELS * pixels;
    float *content = layout_take(to, count, sizeof *content);
    float *coarse = layout_take(to, count, sizeof *coarse);
    float *small = layout_take(to, IMAGE_CHANNELS * image_extent_area(before), sizeof *small);
    const image_view at_size = view_of(size, content, IMAGE_CHANNELS),
                     seen = view_of(before, small, IMAGE_CHANNELS),
                     enlarged = view_of(size, coarse, IMAGE_CHANNELS);
    bool ok = bring_content(self, to, inputs, at_size, err);
    if (inputs && ok)
        canvas_recolor_content(&self->canvas, content);
    ok = ok && bring(self, to, inputs, at_size, seen, false, err) &&
         bring(self, to, inputs, seen, enlarged, false, err);
    if (inputs && ok)
        start_add_detail(planes, content, coarse, pixels);
    layout_rewind(to, mark);
    return ok;
}

/* The picture to start from. */
static bool bring_start(stage *self, layout *to, const stage_inputs *inputs, float *planes,
                        error *err) {
    const stage_settings *s = &self->settings;
    const image_view target = view_of(stage_extent(self), planes, IMAGE_CHANNELS);
    if (s->from_noise && inputs)
        noise_start(s, inputs, planes);
    if (s->from_noise)
        return true;
    const image_view from = inputs ? image_view_of_picture(inputs->start)
                                   : view_of(s->start_from, NULL, IMAGE_CHANNELS);
    resampling repeating = {.source = from, .target = target, .repeats = true};
    return s->tile ? resampling_walk(&repeating, to, inputs, err)
                   : bring(self, to, inputs, from, target, s->start_is_content, err);
}

/* The variables at the start. */
bool stage_walk_take_start(stage *self, layout *to, const stage_inputs *inputs, error *err) {
    const stage_settings *s = &self->settings;
    const size_t pixels = image_extent_area(stage_extent(self));
    const bool works = inputs;
    float *variables = works ? self->optimizer.x : NULL, *planes = variables;
    float *where; /* regions are */
    if (s->luma)
        planes = layout_take(to, IMAGE_CHANNELS * pixels, sizeof *planes);
    if (!region_masks_fill(&self->masks, to, works, &s->frame, s->content_from, &where, err))
        return false;
    if (works)
        canvas_take_cover(&self->canvas);
    if (!bring_start(self, to, inputs, planes, err))
        return false;
    if (works && s->start_is_content)
        canvas_recolor_content(&self->canvas, planes);
    if (works && s->noise)
        start_mix_noise(planes, pixels, s->noise, s->seed);
    if (s->detailed && !add_detail(self, to, inputs, planes, err))
        return false;
    if (works)
        canvas_take_start(&self->canvas, planes, variables);
    if (works && s->recolored)
        start_recolor(variables, pixels, self->tones, where, s->regions->count, s->recolored);
    return true;
}

bool stage_walk_analyse_content(stage *self, layout *to, const stage_inputs *inputs, error *err) {
    const image_extent size = stage_extent(self);
    const bool works = inputs;
    if (!self->settings.has_content)
        return true;
    float *planes = layout_take(to, IMAGE_CHANNELS * image_extent_area(size), sizeof(float));
    if (!bring_content(self, to, inputs, view_of(size, planes, IMAGE_CHANNELS), err))
        return false;
    if (works) {
        for (int i = 0; i < self->settings.style_count; i++)
            canvas_take_palette(&self->canvas, inputs->styles[i], self->settings.styles[i].share);
        canvas_take_content(&self->canvas, planes);
    }
    analysis_layout(&self->content_analysis, to);
    if (works)
        analysis_run(&self->content_analysis, planes);
    return true;
}

/* Makes the targets of a region from what the network is shown of a style, on top of those before;
 * or takes them from the cache. */
static void learn_style(stage *self, int region, const float *planes, image_extent size) {
    const stage_settings *s = &self->settings;
    const cache_source source = {
        .network = s->network,
        .pooling = s->pooling,
        .planes = planes,
        .height = size.height,
        .width = size.width,
        .targets = stage_style_targets(self, region),
        .count = s->style_layer_count,
    };
    cost_target *targets = stage_style_targets(self, region);
    cache_key *key = &self->keys[region];
    cache_work work;
    if (self->cache) {
        *key = cache_key_of(&source, self->keyed[region] ? key : NULL);
        self->keyed[region] = true;
        if (cache_take(self->cache, key, targets, source.count, &work))
            return;
    }
    analysis_run(&self->style_analysis, planes);
    if (self->cache)
        cache_put(self->cache, &work, targets, source.count);
}

/* One style, for one region. */
static bool analyse_style(stage *self, layout *to, const stage_inputs *inputs, int region,
                          int index, error *err) {
    const stage_settings *s = &self->settings;
    const stage_style *style = &s->styles[index];
    const image_extent size = wrap_around(&self->wrap, style->size);
    const bool mapped = s->regions->pictures.style_map_count > 0, works = inputs;
    const int margin = self->wrap.margin;
    cost_mask masks[VGG_MAX_LAYERS];
    float *where = NULL;
    const size_t mark = layout_mark(to);
    float *planes = layout_take(to, IMAGE_CHANNELS * image_extent_area(size), sizeof(float));
    const image_view all = view_of(size, planes, IMAGE_CHANNELS);
    const image_view from = works ? image_view_of_picture(inputs->styles[index])
                                  : view_of(style->from, NULL, IMAGE_CHANNELS);
    if (s->tile)
        wrap_style_masks(&self->wrap, s->network, style->size,
                         self->masks.layers[REGION_STYLE_LAYERS], s->style_layer_count, to, masks);
    if ((mapped && !region_masks_of_style(&self->masks, to, works, region, index, style->size,
                                          masks, &where, err)) ||
        !prepare_style(self, region, index, mapped || s->tile ? masks : NULL, err) ||
        !bring(self, to, works, from,
               image_view_part(all, margin, margin, style->size.width, style->size.height), false,
               err))
        return false;
    if (works) {
        const image seen = {.width = size.width, .height = size.height, .planes = planes};
        wrap_mirror(&self->wrap, all);
        canvas_adapt_style(&self->canvas, planes, size.width, size.height);
        start_add_tones(&self->tones[region], &seen, where, stage_share(s, region, index));
    }
    analysis_layout(&self->style_analysis, to);
    if (works)
        learn_style(self, region, planes, size);
    layout_rewind(to, mark);
    return true;
}

bool stage_walk_analyse_styles(stage *self, layout *to, const stage_inputs *inputs, error *err) {
    for (int r = 0; r < self->settings.regions->count; r++) {
        for (int i = 0; i < self->settings.style_count; i++) {
            if (stage_share(&self->settings, r, i) > 0 &&
                !analyse_style(self, to, inputs, r, i, err))
                return false;
        }
    }
    return true;
}
