/* SPDX-License-Identifier: MIT
 *
 * One process that paints many small pictures through the library, of kinds that take it through
 * all that a recipe can ask for, giving up and going on included. Between two rounds of all kinds
 * its resident memory, the bytes that malloc has given out and its open files must stay the same.
 *
 *     soak [JOBS]     from the root of the project; 1000 jobs unless told otherwise
 */
#define _DEFAULT_SOURCE
#include <dirent.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "transfer/stylize.h"
#include "transfer/stylize_saved.h"

enum { WIDTH = 40, HEIGHT = 32, RGB = 3, MOST_SETTINGS = 4, WARM_ROUNDS = 3, MOST_STATE = 1 << 20 };
enum { MOST_GROWTH = 64 << 10, MOST_RESIDENT_GROWTH = 4 << 20 };

/* What becomes of a job: it is painted, given up half-way, saved and gone on with in another
 * session, or refused. */
typedef enum ending { PAINT, GIVE_UP, SAVE, REFUSE } ending;

typedef struct kind {
    const char *settings[MOST_SETTINGS]; /* name=value */
    ending end;
    stylize_format format;
} kind;

static const kind kinds[] = {
    {{"optimizer=lbfgs"}, PAINT, STYLIZE_PNG},
    {{"optimizer=adam"}, PAINT, STYLIZE_JPEG},
    {{"optimizer=gd"}, PAINT, STYLIZE_PNG},
    {{"optimizer=adam", "average=0.9"}, PAINT, STYLIZE_PNG},
    {{"style-cost=covariance"}, PAINT, STYLIZE_PNG},
    {{"style-cost=moments"}, PAINT, STYLIZE_PNG},
    {{"style-cost=bures"}, PAINT, STYLIZE_PNG},
    {{"style-cost=gram-mean", "tv=1"}, PAINT, STYLIZE_JPEG},
    {{"cost=gatys", "alpha=1"}, PAINT, STYLIZE_PNG},
    {{"color=content"}, PAINT, STYLIZE_PNG},
    {{"color=match", "color-strength=0.5"}, PAINT, STYLIZE_PNG},
    {{"color=start"}, PAINT, STYLIZE_PNG},
    {{"texture=yes"}, PAINT, STYLIZE_PNG},
    {{"texture=yes", "tile=yes"}, PAINT, STYLIZE_PNG},
    {{"init=noise", "seed=7"}, PAINT, STYLIZE_PNG},
    {{"init=random", "pool=avg"}, PAINT, STYLIZE_PNG},
    {{"precision=bf16"}, PAINT, STYLIZE_PNG},
    {{"size=40x40", "fit=pad"}, PAINT, STYLIZE_PNG},
    {{"style-scale=0.5", "history=3"}, PAINT, STYLIZE_PNG},
    {{"strength=9"}, PAINT, STYLIZE_JPEG},
    {{"optimizer=lbfgs"}, GIVE_UP, STYLIZE_PNG},
    {{"optimizer=adam"}, SAVE, STYLIZE_PNG},
    {{"optimizer=lbfgs"}, SAVE, STYLIZE_PNG},
    {{"style-layers=relu5_9"}, REFUSE, STYLIZE_PNG},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

static const char *doing = "";

static void check(bool condition, const char *what, const char *why) {
    if (!condition) {
        fprintf(stderr, "soak: %s: %s%s%s\n", doing, what, *why ? ": " : "", why);
        exit(1);
    }
}

/* ---- a job ---- */

typedef struct state {
    unsigned char bytes[MOST_STATE];
    size_t count, at;
} state;

static state saved;

static bool put(void *user, const void *bytes, size_t count, stylize_error *err) {
    state *self = user;
    if (count > MOST_STATE - self->count)
        return stylize_error_set(err, STYLIZE_FAILURE, "the state is too large");
    memcpy(self->bytes + self->count, bytes, count);
    self->count += count;
    return true;
}

static bool get(void *user, void *bytes, size_t count, stylize_error *err) {
    state *self = user;
    if (count > self->count - self->at)
        return stylize_error_set(err, STYLIZE_FAILURE, "the state is too short");
    memcpy(bytes, self->bytes + self->at, count);
    self->at += count;
    return true;
}

static stylize_image *draw(unsigned step) {
    unsigned char pixels[HEIGHT * WIDTH * RGB];
    stylize_error err;
    for (unsigned i = 0; i < sizeof pixels; i++)
        pixels[i] = (unsigned char)(i * step * 2654435761u >> 24);
    stylize_image *self = stylize_image_from_pixels(pixels, WIDTH, HEIGHT, (size_t)WIDTH * RGB, RGB,
                                                    STYLIZE_U8, &err);
    check(self, "no picture", err.text);
    return self;
}

/* False where a setting is refused. */
static bool set(stylize_recipe *recipe, const char *setting, stylize_error *err) {
    char name[64];
    const char *value = strchr(setting, '=');
    snprintf(name, sizeof name, "%.*s", (int)(value - setting), setting);
    return stylize_recipe_set(recipe, name, value + 1, err);
}

static stylize_recipe *new_recipe(const kind *job) {
    static const char *const common[] = {"size=40", "scales=2", "iterations=4",
                                         "content-layers=relu2_1",
                                         "style-layers=relu1_1,relu2_1"};
    stylize_error err;
    stylize_recipe *self = stylize_recipe_new(&err);
    check(self, "no recipe", "");
    for (size_t i = 0; i < sizeof common / sizeof *common; i++)
        check(set(self, common[i], &err), common[i], err.text);
    for (int i = 0; i < MOST_SETTINGS && job->settings[i]; i++) {
        doing = job->settings[i];
        if (!set(self, doing, &err)) {
            check(job->end == REFUSE, "refused", err.text);
            stylize_recipe_free(self);
            return NULL;
        }
    }
    return self;
}

static stylize_session *new_session(const kind *job, const stylize_recipe *recipe,
                                    const stylize_network *network, const stylize_image *content,
                                    const stylize_image *style) {
    stylize_error err;
    stylize_session *self = stylize_session_new(recipe, &err);
    check(self, "no session", err.text);
    if (strncmp(job->settings[0], "texture", 7) != 0)
        stylize_session_set_content(self, content);
    stylize_session_set_style(self, style);
    stylize_session_set_threads(self, 2);
    check(stylize_session_add_network(self, network, &err), "no network", err.text);
    return self;
}

static void finish(stylize_session *self, stylize_format format) {
    stylize_error err;
    stylize_progress progress;
    char *data;
    size_t size;
    while ((progress = stylize_session_step(self, &err)) == STYLIZE_MORE)
        ;
    check(progress == STYLIZE_DONE, "not painted", err.text);
    stylize_image *result = stylize_session_result(self, &err);
    check(result, "no result", err.text);
    check(stylize_image_encode(result, format, 8, 90, "it", &data, &size, &err), "not encoded",
          err.text);
    free(data);
    stylize_image_free(result);
}

static void run(const kind *job) {
    stylize_error err;
    stylize_recipe *recipe = new_recipe(job);
    if (!recipe)
        return;
    stylize_network *network =
        stylize_network_load_for(recipe, "tests/golden/small16.safetensors", &err);
    if (!network) {
        check(job->end == REFUSE, "no network", err.text);
        stylize_recipe_free(recipe);
        return;
    }
    stylize_image *content = draw(1), *style = draw(3);
    stylize_session *session = new_session(job, recipe, network, content, style);
    for (int i = 0; job->end != PAINT && i < 3; i++)
        check(stylize_session_step(session, &err) == STYLIZE_MORE, "no step", err.text);
    if (job->end == SAVE) {
        saved.count = saved.at = 0;
        check(stylize_session_save(session, put, &saved, &err), "not saved", err.text);
        stylize_session_free(session);
        session = new_session(job, recipe, network, content, style);
        check(stylize_session_load(session, get, &saved, &err), "not loaded", err.text);
    }
    if (job->end != GIVE_UP)
        finish(session, job->format);
    stylize_session_free(session);
    stylize_image_free(content);
    stylize_image_free(style);
    stylize_network_free(network);
    stylize_recipe_free(recipe);
}

/* ---- what a process holds ---- */

typedef struct holding {
    long long resident, given; /* bytes; those that malloc has given out */
    int files;
} holding;

static holding look(void) {
    holding self = {0};
    long long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    check(file && fscanf(file, "%*d %lld", &pages) == 1, "cannot read", "/proc/self/statm");
    fclose(file);
    self.resident = pages * sysconf(_SC_PAGESIZE);
    self.given = (long long)mallinfo2().uordblks;
    DIR *folder = opendir("/proc/self/fd");
    check(folder, "cannot read", "/proc/self/fd");
    while (readdir(folder))
        self.files++;
    closedir(folder);
    return self;
}

static void show(int jobs, const holding *now) {
    printf("  %5d jobs: %7.2f MiB resident, %7.2f MiB given out, %d files\n", jobs,
           (double)now->resident / (1 << 20), (double)now->given / (1 << 20), now->files);
    fflush(stdout);
}

int main(int argc, char **argv) {
    const int wanted = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 1000;
    holding warm = {0}, now = {0};
    int jobs = 0;
    for (int round = 1; jobs < wanted || round <= WARM_ROUNDS + 1; round++) {
        for (int i = 0; i < KINDS; i++, jobs++)
            run(&kinds[i]);
        now = look();
        if (round == WARM_ROUNDS)
            warm = now;
        if (round % 8 == 1 || round == WARM_ROUNDS)
            show(jobs, &now);
        doing = "after a round";
        if (round > WARM_ROUNDS) {
            check(now.files == warm.files, "files stay open", "");
            check(now.given - warm.given <= MOST_GROWTH, "memory is not given back", "");
        }
    }
    show(jobs, &now);
    check(now.resident - warm.resident <= MOST_RESIDENT_GROWTH, "resident memory grows", "");
    printf("soak: %d jobs of %d kinds: %+.2f MiB resident, %+.1f KiB given out, %+d files\n", jobs,
           (int)KINDS, (double)(now.resident - warm.resident) / (1 << 20),
           (double)(now.given - warm.given) / 1024, now.files - warm.files);
    return 0;
}
