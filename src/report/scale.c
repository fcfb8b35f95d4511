/* SPDX-License-Identifier: MIT */
#include "report/scale.h"

#include <math.h>
#include <stdio.h>

/* Numbers that can be told apart on a logarithmic axis: beyond these its arithmetic would not be
 * safe. */
#define LEAST 1e-270
#define MOST 1e270

/* One at an end may be beyond it by rounding. */
static void add(scale *self, double value, bool labelled) {
    const double beyond = 1e-9 * (self->high - self->low);
    if (self->tick_count < SCALE_MOST_TICKS && value >= self->low - beyond &&
        value <= self->high + beyond)
        self->ticks[self->tick_count++] = (scale_tick){value, labelled};
}

/* The least of 1, 2, 5, 10, 20, ... that is not less than `step` > 0. */
static double round_step(double step) {
    const double decade = pow(10, floor(log10(step)));
    const double times = step / decade * (1 - 1e-9);
    return decade * (times <= 1 ? 1 : times <= 2 ? 2 : times <= 5 ? 5 : 10);
}

static void add_linear(scale *self, int most) {
    const double step = round_step((self->high - self->low) / most);
    const double first = ceil(self->low / step - 1e-9);
    for (int i = 0; i <= most + 1; i++)
        add(self, (first + i) * step, true);
}

/* Powers of ten, every so many labelled; between them their multiples, of which some are labelled
 * where there are few powers. */
static void add_log(scale *self, int most) {
    const double first = floor(log10(self->low)), last = ceil(log10(self->high));
    const double span = log10(self->high) - log10(self->low);
    const double every = ceil(span / most);
    /* analysed: whole numbers, which doubles count exactly */
    for (double power = first; power <= last; power++) {
        const double decade = pow(10, power);
        if (fmod(power, every) == 0 || span <= 24)
            add(self, decade, fmod(power, every) == 0);
        for (int times = 2; times <= 9 && span <= 6; times++)
            add(self, decade * times,
                3 * span <= most   ? times == 2 || times == 5
                : 2 * span <= most ? times == 3
                                   : false);
    }
}

void scale_init(scale *self, bool log, double low, double high, int most) {
    *self = (scale){.log = log};
    if (log) {
        low = fmax(low, LEAST);
        high = fmin(fmax(high, low), MOST);
        const double room = fmax(0.04 * (log10(high) - log10(low)), high / low < 1.05 ? 0.05 : 0);
        self->low = low * pow(10, -room);
        self->high = high * pow(10, room);
    } else {
        const double room = high > low ? 0 : fmax(0.5, fabs(low) / 10);
        self->low = low - room;
        self->high = high + room;
    }
    /* with less than a third of a decade its round numbers are those of a linear one */
    if (log && self->high / self->low > 4)
        add_log(self, most);
    else
        add_linear(self, most);
}

double scale_place(const scale *self, double value) {
    const double low = log10(self->low); /* quotients could be too large */
    return self->log ? (log10(value) - low) / (log10(self->high) - low)
                     : (value - self->low) / (self->high - self->low);
}

void scale_write(const scale *self, double value, char *text, size_t size) {
    const double largest = fmax(fabs(self->low), fabs(self->high));
    const double amount = fabs(value);
    if (!self->log && amount < largest * 1e-12) /* a zero that rounding has moved */
        value = 0;
    if (value == 0 || (amount >= 1e-4 && amount < 1e6)) {
        snprintf(text, size, "%.6g", value);
        return;
    }
    const int power = (int)floor(log10(amount) + 1e-9);
    snprintf(text, size, "%.3ge%d", value / pow(10, power), power);
}
