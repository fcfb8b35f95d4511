/* SPDX-License-Identifier: MIT
 *
 * Tests of the text that a picture's file carries: through both formats, at all lengths, alone and
 * with the pixels; and what is no record.
 */
#define _XOPEN_SOURCE 700 /* mkdtemp */
#include "image_files.h"

#include "core/memory.h"

static const char *const formats[] = {"out.png", "out.jpg"};

/* A text of that many bytes with characters of 1 to 4 of them. */
static char *make_text(size_t length) {
    static const char some[] = "{\"a\": \"\xc3\xa9\xe2\x82\xac\xf0\x9f\x8e\xa8\"}"; /* 19 bytes */
    const size_t unit = sizeof some - 1;
    char *text = calloc(length + 1, 1);
    assert_non_null(text);
    memset(text, ' ', length);
    for (size_t i = 0; i + unit <= length; i += unit)
        memcpy(text + i, some, unit);
    return text;
}

static void set_record(image *self, const char *text) {
    error err = {0};
    assert_true(record_text_set(&self->record, text, strlen(text), &err));
}

static char *read_record(const char *path) {
    error err = {0};
    char *record;
    if (!picture_file_read_record(path, &record, &err))
        fail_msg("%s", err.text);
    return record;
}

static void check_record(const char *path, const char *text) {
    image *again = read_ok(path);
    char *alone = read_record(path);
    assert_int_equal(!text, !again->record);
    assert_int_equal(!text, !alone);
    if (text) {
        assert_string_equal(again->record, text);
        assert_string_equal(alone, text);
    }
    memory_free(alone);
    image_free(again);
}

static void goes_through_both_formats(void **state) {
    (void)state;
    static const size_t lengths[] = {1,     2,      19,      65524,           65525,
                                     65526, 131050, 1000000, RECORD_MOST - 1, RECORD_MOST};
    for (size_t i = 0; i < 2 * sizeof lengths / sizeof *lengths; i++) {
        const name path = temporary(formats[i % 2]);
        image *self = read_ok(data_file("rgb8.png").text);
        char *text = make_text(lengths[i / 2]);
        set_record(self, text);
        write_image(self, path.text, &write_plain);
        check_record(path.text, text);
        free(text);
        image_free(self);
        unlink(path.text);
    }
}

static void changes_no_pixel(void **state) {
    (void)state;
    for (int i = 0; i < 2; i++) {
        const name path = temporary(formats[i]);
        image *self = read_ok(data_file("rgb8.png").text);
        write_image(self, path.text, &write_plain);
        image *without = read_ok(path.text);
        set_record(self, "text");
        write_image(self, path.text, &write_plain);
        image *with = read_ok(path.text);
        check_same(without, with);
        assert_null(without->record);
        image_free(with);
        image_free(without);
        image_free(self);
        unlink(path.text);
    }
}

static void knows_utf8(void **state) {
    (void)state;
    static const struct {
        const char *text;
        bool valid;
    } cases[] = {
        {"plain", true},
        {"\xc3\xa9", true},
        {"\xed\x9f\xbf", true},
        {"\xf4\x8f\xbf\xbf", true},
        {"", false},
        {"\x80", false},
        {"\xc3", false},
        {"a\xc3(", false},
        {"\xc0\xaf", false},
        {"\xe0\x9f\xbf", false},
        {"\xed\xa0\x80", false},
        {"\xf0\x8f\xbf\xbf", false},
        {"\xf4\x90\x80\x80", false},
        {"\xff", false},
        {"\xe2\x82", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (record_text_is_valid(cases[i].text, strlen(cases[i].text)) != cases[i].valid)
            fail_msg("case %zu", i);
    }
    assert_false(record_text_is_valid("a\0b", 3));
    char *text = make_text(RECORD_MOST + 1);
    assert_false(record_text_is_valid(text, RECORD_MOST + 1));
    free(text);
}

/* ---- files by others ---- */

static uint32_t crc(const uint8_t *data, size_t size) {
    uint32_t sum = UINT32_MAX;
    for (size_t i = 0; i < size; i++) {
        sum ^= data[i];
        for (int bit = 0; bit < 8; bit++)
            sum = sum >> 1 ^ (sum & 1 ? 0xedb88320 : 0);
    }
    return ~sum;
}

static void put_number(uint8_t *to, uint32_t number) {
    for (int i = 0; i < 4; i++)
        to[i] = (uint8_t)(number >> (24 - 8 * i));
}

/* Copies rgb8.png with a chunk in front of its chunk `before`; a wrong sum where asked for. */
static void add_chunk(const char *path, const char *kind, const char *data, size_t size,
                      const char *before, bool wrong_sum) {
    const bytes whole = load(data_file("rgb8.png").text);
    size_t at = 8;
    while (memcmp(whole.data + at + 4, before, 4) != 0)
        at += 12 + ((size_t)whole.data[at + 2] << 8) + whole.data[at + 3];
    uint8_t *all = calloc(whole.size + size + 12, 1), *chunk = all + at;
    assert_non_null(all);
    memcpy(all, whole.data, at);
    put_number(chunk, (uint32_t)size);
    memcpy(chunk + 4, kind, 4);
    memcpy(chunk + 8, data, size);
    put_number(chunk + 8 + size, crc(chunk + 4, size + 4) + wrong_sum);
    memcpy(chunk + 12 + size, whole.data + at, whole.size - at);
    store(path, all, whole.size + size + 12);
    free(all);
    free(whole.data);
}

static void reads_chunks_of_others(void **state) {
    (void)state;
#define CHUNK(text) text, sizeof text - 1
    static const struct {
        const char *kind, *data;
        size_t size;
        const char *record;
    } cases[] = {
        {"tEXt", CHUNK("stylize\0hello"), "hello"},
        {"iTXt", CHUNK("stylize\0\0\0en\0\0hello"), "hello"},
        {"iTXt", CHUNK("stylize\0\1\0\0\0\x78\x9c\xcb\x48\xcd\xc9\xc9\x07\x00\x06\x2c\x02\x15"),
         "hello"},
        {"zTXt", CHUNK("stylize\0\0\x78\x9c\xcb\x48\xcd\xc9\xc9\x07\x00\x06\x2c\x02\x15"), "hello"},
        {"tEXt", CHUNK("Stylize\0hello"), NULL},
        {"tEXt", CHUNK("stylized\0hello"), NULL},
        {"tEXt", CHUNK("stylize\0"), NULL},
        {"tEXt", CHUNK("stylize\0h\xe9llo"), NULL},
        {"iTXt", CHUNK("stylize\0\1\0\0\0\x78\x9c\xcb\x48"), NULL},
        {"iTXt", CHUNK("stylize\0\1"), NULL},
        {"tEXt", CHUNK("styl"), NULL},
    };
#undef CHUNK
    const name path = temporary("chunk.png");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        add_chunk(path.text, cases[i].kind, cases[i].data, cases[i].size, "IDAT", false);
        check_record(path.text, cases[i].record);
    }
    add_chunk(path.text, "tEXt", "stylize\0hello", 13, "IDAT", true);
    check_record(path.text, NULL);
    /* Behind the pixels it is found with them. */
    add_chunk(path.text, "tEXt", "stylize\0hello", 13, "IEND", false);
    image *self = read_ok(path.text);
    assert_string_equal(self->record, "hello");
    assert_null(read_record(path.text));
    image_free(self);
    unlink(path.text);
}

/* Copies rgb.jpg with comments behind its first marker. */
static void add_comments(const char *path, const char *const *comments, int count) {
    const bytes whole = load(data_file("rgb.jpg").text);
    uint8_t all[1 << 16];
    size_t used = 2;
    memcpy(all, whole.data, 2);
    for (int i = 0; i < count; i++) {
        const size_t length = strlen(comments[i]);
        all[used] = 0xff;
        all[used + 1] = 0xfe;
        all[used + 2] = (uint8_t)((length + 2) >> 8);
        all[used + 3] = (uint8_t)(length + 2);
        memcpy(all + used + 4, comments[i], length);
        used += length + 4;
    }
    assert_true(used + whole.size < sizeof all);
    memcpy(all + used, whole.data + 2, whole.size - 2);
    store(path, all, used + whole.size - 2);
    free(whole.data);
}

static void reads_comments_of_others(void **state) {
    (void)state;
    static const struct {
        const char *comments[3];
        const char *record;
    } cases[] = {
        {{"stylize hello"}, "hello"},
        {{"a photograph", "stylize hello"}, "hello"},
        {{"stylize one", "stylize two"}, "one"},
        {{"stylize one", "a photograph", "stylize+  two"}, "one two"},
        {{"stylize+ two"}, NULL},
        {{"stylizehello"}, NULL},
        {{"stylize "}, NULL},
        {{"stylize h\xe9llo"}, NULL},
    };
    const name path = temporary("comments.jpg");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int count = 0;
        while (count < 3 && cases[i].comments[count])
            count++;
        add_comments(path.text, cases[i].comments, count);
        check_record(path.text, cases[i].record);
    }
    unlink(path.text);
}

static void refuses_what_is_no_picture(void **state) {
    (void)state;
    error err = {0};
    char *record;
    const name path = temporary("no.png");
    assert_false(picture_file_read_record(path.text, &record, &err));
    check_error(&err, path.text, "No such file");
    store(path.text, "\x89PNG\r\n\x1a\n", 8);
    assert_false(picture_file_read_record(path.text, &record, &err));
    check_error(&err, path.text, "ends too early");
    store(path.text, "text, and no picture", 20);
    assert_false(picture_file_read_record(path.text, &record, &err));
    check_error(&err, path.text, "neither PNG, JPEG");
    assert_null(record);
    unlink(path.text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(goes_through_both_formats),
        cmocka_unit_test(changes_no_pixel),
        cmocka_unit_test(knows_utf8),
        cmocka_unit_test(reads_chunks_of_others),
        cmocka_unit_test(reads_comments_of_others),
        cmocka_unit_test(refuses_what_is_no_picture),
    };
    return cmocka_run_group_tests(tests, start, finish);
}
