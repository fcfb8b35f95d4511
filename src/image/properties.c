/* SPDX-License-Identifier: MIT */
#include "image/properties.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"

/* The header of an ICC profile (ICC.1:2022, 7.2): its size, the colour space of the pixels, and a
 * signature. */
enum { ICC_HEADER = 128, ICC_SPACE_AT = 16, ICC_SIGNATURE_AT = 36 };

/* The size that a profile states; 0 when it is not one of RGB pixels. */
static size_t stated_size(const uint8_t *profile, size_t size) {
    if (size < ICC_HEADER || memcmp(profile + ICC_SPACE_AT, "RGB ", 4) != 0 ||
        memcmp(profile + ICC_SIGNATURE_AT, "acsp", 4) != 0)
        return 0;
    return (size_t)profile[0] << 24 | (size_t)profile[1] << 16 | (size_t)profile[2] << 8 |
           profile[3];
}

bool image_properties_set_profile(image_properties *self, const uint8_t *profile, size_t size,
                                  error *err) {
    const size_t stated = stated_size(profile, size); /* some writers add padding */
    if (stated < ICC_HEADER || stated > size || stated > PROPERTIES_MOST_PROFILE)
        return true;
    uint8_t *copy = memory_alloc(stated, 1, err);
    if (!copy)
        return false;
    memcpy(copy, profile, stated);
    memory_free(self->profile);
    self->profile = copy;
    self->profile_size = stated;
    return true;
}

bool image_properties_copy(image_properties *self, const image_properties *source, error *err) {
    *self = *source;
    self->profile = NULL;
    self->profile_size = 0;
    return !source->profile ||
           image_properties_set_profile(self, source->profile, source->profile_size, err);
}

size_t image_properties_memory(const image_properties *self) {
    return self->profile ? memory_block(self->profile_size, 1) : 0;
}

#define INCH 0.0254 /* metres */

void image_properties_set_resolution(image_properties *self, const double resolution[2], int unit) {
    const double most = 1e9, across = resolution[0], down = resolution[1];
    const double scale = unit == RESOLUTION_ASPECT       ? 1
                         : unit == RESOLUTION_CENTIMETRE ? 100
                                                         : 1 / INCH;
    if (!(across > 0 && across < most && down > 0 && down < most) ||
        (unit == RESOLUTION_ASPECT && across == down))
        return;
    self->density_unit = unit == RESOLUTION_ASPECT ? DENSITY_ASPECT : DENSITY_METRE;
    self->density[0] = across * scale;
    self->density[1] = down * scale;
}

int image_properties_resolution(const image_properties *self, double resolution[2]) {
    for (int i = 0; i < 2; i++) {
        const double inches = self->density[i] * INCH, whole = round(inches);
        resolution[i] = self->density_unit != DENSITY_METRE ? self->density[i]
                        : fabs(inches - whole) <= 0.5 * INCH * (1 + 1e-9) && whole > 0 ? whole
                                                                                       : inches;
    }
    return self->density_unit == DENSITY_METRE    ? RESOLUTION_INCH
           : self->density_unit == DENSITY_ASPECT ? RESOLUTION_ASPECT
                                                  : 0;
}

void image_properties_clear(image_properties *self) {
    memory_free(self->profile);
    *self = (image_properties){0};
}
