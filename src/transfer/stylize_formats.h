/* SPDX-License-Identifier: MIT
 *
 * A part of stylize.h: more of the files of pictures. What a format has room for, how large a pixel
 * is in print, and animations.
 *
 *     stylize_animation *film = stylize_animation_new(512, 384, 80, "film.webp", &err);
 *     stylize_animation_add(film, picture, 80, &err);
 *     stylize_animation_encode(film, &data, &size, &err);
 */
#ifndef STYLIZE_FORMATS_H
#define STYLIZE_FORMATS_H

#include "stylize.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The extensions that stylize_format_of_path knows, in words. */
#define STYLIZE_EXTENSIONS ".png, .jpg, .jpeg, .webp, .tif or .tiff"

#define STYLIZE_WEBP_MOST_SIDE 16383 /* pixels */

/* Whether this library can write a picture of width x height pixels with `depth` bits a sample (0:
 * 8) as `format`: it may have been built without libwebp or libtiff. If not, *err says why `name`
 * cannot be written; STYLIZE_USAGE for what no picture has. */
STYLIZE_API bool stylize_format_check(stylize_format format, int width, int height, int depth,
                                      const char *name, stylize_error *err);

/* Bytes for each pixel that encoding takes at most, besides the picture. */
STYLIZE_API int stylize_format_memory(stylize_format format, int depth);

/* Whether a file could be written whole as things are; whether something that is no file, such as
 * a pipe, is there; and the writing. `abandoned`, unless NULL, is asked between pieces whether to
 * give up. An existing file is replaced only by a whole one and keeps its permissions. */
STYLIZE_API bool stylize_file_check(const char *path, stylize_error *err);
STYLIZE_API bool stylize_file_in_place(const char *path);
STYLIZE_API bool stylize_file_write(const char *path, const void *data, size_t size,
                                    bool (*abandoned)(void), stylize_error *err);

/* Bytes that a picture's pixels take in memory: of one that was read from a file, or made of a
 * caller's pixels, as many as the samples have there. */
STYLIZE_API uint64_t stylize_image_memory(const stylize_image *self);

/* Says how many of a picture's pixels are an inch in print; what is not above 0 takes back what was
 * said. A result has that of its content. */
STYLIZE_API void stylize_image_set_density(stylize_image *self, double pixels_per_inch);

/* An animation in the making: a WebP file that begins anew when it is over. Frames are encoded as
 * they come; of pixels it keeps no more than those of a few frames. */
typedef struct stylize_animation stylize_animation;

/* Of frames of width x height pixels, with a quality of 1 to 100. `name` is for errors, also when
 * this library has been built without libwebp. */
STYLIZE_API stylize_animation *stylize_animation_new(int width, int height, int quality,
                                                     const char *name, stylize_error *err);
STYLIZE_API void stylize_animation_free(stylize_animation *self);

/* Bytes that it takes for each pixel of a frame, besides the frames encoded so far. */
STYLIZE_API int stylize_animation_memory(void);

/* Adds a frame that is shown for so long. A picture of another size is brought to that of the
 * animation. */
STYLIZE_API bool stylize_animation_add(stylize_animation *self, const stylize_image *picture,
                                       int milliseconds, stylize_error *err);

/* The file of the frames added, of which there must be one; nothing can be added afterwards. The
 * caller frees *data [size] with free(). */
STYLIZE_API bool stylize_animation_encode(stylize_animation *self, char **data, size_t *size,
                                          stylize_error *err);

#ifdef __cplusplus
}
#endif

#endif
