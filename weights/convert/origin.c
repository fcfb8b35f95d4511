/* SPDX-License-Identifier: MIT */
#include "convert/origin.h"

#include <errno.h>
#include <nettle/md5.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PIECE ((size_t)1 << 16) /* bytes at a time */
#define OXFORD "CC BY 4.0, K. Simonyan and A. Zisserman"
#define TORCHVISION "BSD 3-Clause, torchvision"

/* MD5 sums are those that Keras checks its downloads by; the first eight digits of SHA-256 are part
 * of the names of PyTorch's files. */
static const struct known {
    const char *md5, *sha256_start;
    origin origin;
} known[] = {
    {"253f8cb515780f3b799900260a226db6",
     NULL,
     {"VGG-19 of Oxford, Keras, without top", OXFORD, &vgg_input_caffe}},
    {"cbe5617147190e668d6c5d5026f83318",
     NULL,
     {"VGG-19 of Oxford, Keras", OXFORD, &vgg_input_caffe}},
    {"6d6bbae143d832006294945121d1f1fc",
     NULL,
     {"VGG-16 of Oxford, Keras, without top", OXFORD, &vgg_input_caffe}},
    {"64373286793e3c8b2b4e3219cbf3544b",
     NULL,
     {"VGG-16 of Oxford, Keras", OXFORD, &vgg_input_caffe}},
    {NULL, "d01eb7cb", {"VGG-19 of Oxford, J. Johnson's for PyTorch", OXFORD, &vgg_input_caffe}},
    {NULL, "00b39a1b", {"VGG-16 of Oxford, J. Johnson's for PyTorch", OXFORD, &vgg_input_caffe}},
    {NULL, "dcbb9e9d", {"VGG-19 of torchvision", TORCHVISION, &vgg_input_torchvision}},
    {NULL, "397923af", {"VGG-16 of torchvision", TORCHVISION, &vgg_input_torchvision}},
};

static void print_hex(const uint8_t *digest, size_t size, char *text) {
    for (size_t i = 0; i < size; i++)
        snprintf(text + 2 * i, 3, "%02x", digest[i]);
}

bool file_hashes_read(file_hashes *self, const char *path, error *err) {
    struct md5_ctx md5;
    struct sha256_ctx sha256;
    uint8_t digest[SHA256_DIGEST_SIZE];
    FILE *file = fopen(path, "rb");
    if (!file)
        return error_set_errno(err, errno, "%s", path);
    uint8_t *bytes = malloc(PIECE);
    bool ok = bytes != NULL;
    md5_init(&md5);
    sha256_init(&sha256);
    errno = 0;
    for (size_t size; ok && (size = fread(bytes, 1, PIECE, file)) > 0;) {
        md5_update(&md5, size, bytes);
        sha256_update(&sha256, size, bytes);
    }
    if (!ok || ferror(file))
        ok = error_set_errno(err, errno ? errno : EIO, "%s", path);
    md5_digest(&md5, MD5_DIGEST_SIZE, digest);
    print_hex(digest, MD5_DIGEST_SIZE, self->md5);
    sha256_digest(&sha256, SHA256_DIGEST_SIZE, digest);
    print_hex(digest, SHA256_DIGEST_SIZE, self->sha256);
    free(bytes);
    fclose(file);
    return ok;
}

const origin *origin_find(const file_hashes *hashes) {
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        const struct known *row = &known[i];
        if (row->md5 ? !strcmp(row->md5, hashes->md5)
                     : !strncmp(row->sha256_start, hashes->sha256, strlen(row->sha256_start)))
            return &row->origin;
    }
    return NULL;
}
