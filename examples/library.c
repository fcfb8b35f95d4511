/* SPDX-License-Identifier: MIT
 *
 * A program on libstylize: paints CONTENT in the manner of STYLE and says how far it is.
 *
 *     cc library.c $(pkg-config --cflags --libs stylize) -o library
 *     ./library share/stylize/vgg19-slim.safetensors CONTENT STYLE OUT
 */
#include <stdio.h>
#include <stylize.h>

static int show(void *user, const stylize_iteration *now) {
    const int *iterations = user;
    printf("%d of %d: cost %g\n", now->iteration, *iterations, now->total);
    return 0; /* anything else stops, with the best picture so far */
}

int main(int argc, char **argv) {
    if (argc != 5) {
        fprintf(stderr, "usage: %s WEIGHTS CONTENT STYLE OUT\n", argv[0]);
        return 2;
    }
    stylize_error err;
    stylize_params params = stylize_params_default();
    params.size = 256;
    params.iterations = 50;
    params.progress = show;
    params.user = &params.iterations;

    stylize_network *network = stylize_network_load(argv[1], &err);
    stylize_image *content = network ? stylize_image_read(argv[2], params.max_pixels, &err) : NULL;
    stylize_image *style = content ? stylize_image_read(argv[3], params.max_pixels, &err) : NULL;
    stylize_image *out =
        style ? stylize_transfer(network, content, style, NULL, &params, NULL, &err) : NULL;
    const bool done = out && stylize_image_write(out, argv[4], NULL, &err);
    if (!done)
        fprintf(stderr, "%s: %s\n", argv[0], err.text);

    stylize_image_free(out);
    stylize_image_free(style);
    stylize_image_free(content);
    stylize_network_free(network);
    return done ? 0 : 1;
}
