/* SPDX-License-Identifier: MIT
 *
 * A program on libstylize: paints pixels of its own in the manner of STYLE, step by step, and
 * writes the pixels that come out.
 *
 *     cc library.c $(pkg-config --cflags --libs stylize) -lm -o library
 *     ./library share/stylize/vgg19-slim.safetensors STYLE OUT.ppm
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <stylize.h>

enum { WIDTH = 256, HEIGHT = 192, RGB = 3 };

/* A ball that floats over the sea: [HEIGHT][WIDTH][RGB] in [0,1]. */
static void draw(float *pixels) {
    for (int y = 0; y < HEIGHT; y++) {
        for (int x = 0; x < WIDTH; x++, pixels += RGB) {
            const float u = (float)(x - WIDTH / 2) / 70, v = (float)(y - 80) / 70;
            const float depth = 1 - u * u - v * v;
            const float light = depth > 0 ? 0.3f * (sqrtf(depth) - u - v) + 0.2f : 0;
            pixels[0] = depth > 0 ? 0.9f * light + 0.1f : y < 130 ? 0.6f : 0.1f;
            pixels[1] = depth > 0 ? 0.6f * light : y < 130 ? 0.8f : 0.3f;
            pixels[2] = depth > 0 ? 0.3f * light : y < 130 ? 1.0f : 0.5f;
        }
    }
}

/* Steps to the end. Between two steps the program is free: it may show the picture so far
 * (stylize_session_picture), change a weight (stylize_session_set) or give up. */
static bool paint(stylize_session *session, stylize_error *err) {
    stylize_progress progress;
    while ((progress = stylize_session_step(session, err)) == STYLIZE_MORE) {
        const stylize_event *now = stylize_session_event(session);
        printf("%dx%d: %d of %d, cost %g\n", now->plan->width, now->plan->height, now->iteration,
               now->iterations, now->total);
    }
    return progress == STYLIZE_DONE;
}

/* Writes a picture as PPM: a line of text and the pixels. */
static bool save(const stylize_image *picture, const char *path, stylize_error *err) {
    int width, height;
    stylize_image_size(picture, &width, &height);
    const size_t row = RGB * (size_t)width, size = row * (size_t)height;
    unsigned char *pixels = malloc(size);
    FILE *file = fopen(path, "wb");
    const bool made = pixels && file;
    const bool done = made && stylize_image_to_pixels(picture, pixels, row, RGB, STYLIZE_U8, err) &&
                      fprintf(file, "P6 %d %d 255\n", width, height) > 0 &&
                      fwrite(pixels, 1, size, file) == size;
    free(pixels);
    return (file && fclose(file) == 0 && done) ||
           stylize_error_set(err, STYLIZE_FAILURE, "cannot write %s", path);
}

/* The work, with what is wanted as a recipe; stylize_transfer is a session in one call. */
static bool work(const stylize_network *network, const stylize_image *content,
                 const stylize_image *style, const char *path, stylize_error *err) {
    stylize_recipe *recipe = stylize_recipe_new(err);
    const bool wanted = recipe && stylize_recipe_set(recipe, "size", "256", err) &&
                        stylize_recipe_set(recipe, "iterations", "60", err);
    stylize_session *session = wanted ? stylize_session_new(recipe, err) : NULL;
    if (session) {
        stylize_session_set_content(session, content);
        stylize_session_set_style(session, style);
    }
    const bool painted =
        session && stylize_session_add_network(session, network, err) && paint(session, err);
    stylize_image *result = painted ? stylize_session_result(session, err) : NULL;
    const bool done = result && save(result, path, err);
    stylize_image_free(result);
    stylize_session_free(session);
    stylize_recipe_free(recipe);
    return done;
}

int main(int argc, char **argv) {
    static float pixels[HEIGHT * WIDTH * RGB];
    stylize_error err;
    if (argc != 4) {
        fprintf(stderr, "usage: %s WEIGHTS STYLE OUT.ppm\n", argv[0]);
        return 2;
    }
    draw(pixels);
    stylize_image *content = stylize_image_from_pixels(
        pixels, WIDTH, HEIGHT, RGB * WIDTH * sizeof *pixels, RGB, STYLIZE_FLOAT, &err);
    stylize_network *network = content ? stylize_network_load(argv[1], &err) : NULL;
    stylize_image *style = network ? stylize_image_read(argv[2], 1 << 26, &err) : NULL;
    const bool done = style && work(network, content, style, argv[3], &err);
    if (!done)
        fprintf(stderr, "%s: %s\n", argv[0], err.text);
    stylize_image_free(style);
    stylize_network_free(network);
    stylize_image_free(content);
    return done ? 0 : 1;
}
