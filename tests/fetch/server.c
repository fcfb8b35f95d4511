/* SPDX-License-Identifier: MIT
 *
 * A web server for the tests of weights/fetch: one file, served well or badly, one request at a
 * time on a free port of 127.0.0.1, which it prints first. After that it prints a line for each
 * request: its path and the byte that it asks to start from. How it serves depends on the path:
 *
 *     /whole/...      as servers should, ranges included
 *     /cut/...        breaks off after half of what is left
 *     /restart/...    likewise at first; ranges are ignored, the file then comes whole
 *     /short/...      half of the file, as if that were all
 *     /changed/...    the file with its last byte changed
 *     /busy/...       503 at first, then as servers should
 *     /slow/...       a byte, and then nothing
 *     anything else   404
 *
 *     server FILE
 */
#define _POSIX_C_SOURCE 200809L
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LIFE_SECONDS = 120 };

static char *file;
static long file_size;

static bool load(const char *path) {
    FILE *in = fopen(path, "rb");
    if (!in || fseek(in, 0, SEEK_END) != 0 || (file_size = ftell(in)) < 2)
        return false;
    rewind(in);
    file = malloc((size_t)file_size);
    const bool whole = file && fread(file, 1, (size_t)file_size, in) == (size_t)file_size;
    fclose(in);
    return whole;
}

/* Reads a request up to its empty line; false when the client has gone. */
static bool read_request(int client, char *text, size_t size) {
    size_t used = 0;
    while (used + 1 < size) {
        const ssize_t got = read(client, text + used, size - 1 - used);
        if (got <= 0)
            return false;
        used += (size_t)got;
        text[used] = '\0';
        if (strstr(text, "\r\n\r\n"))
            return true;
    }
    return false;
}

static void send_bytes(int client, const char *bytes, long count) {
    while (count > 0) {
        const ssize_t sent = write(client, bytes, (size_t)count);
        if (sent <= 0)
            return;
        bytes += sent;
        count -= sent;
    }
}

/* The head of an answer that gives bytes from `from` to the end of `size`. */
static void send_head(int client, long from, long size) {
    char head[300];
    int length = snprintf(head, sizeof head, "HTTP/1.1 %s\r\nContent-Length: %ld\r\n",
                          from ? "206 Partial Content" : "200 OK", size - from);
    if (from)
        length += snprintf(head + length, sizeof head - (size_t)length,
                           "Content-Range: bytes %ld-%ld/%ld\r\n", from, size - 1, size);
    length += snprintf(head + length, sizeof head - (size_t)length, "Connection: close\r\n\r\n");
    send_bytes(client, head, length);
}

static void send_status(int client, const char *status) {
    char head[200];
    send_bytes(client, head,
               snprintf(head, sizeof head,
                        "HTTP/1.1 %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", status));
}

static bool starts(const char *text, const char *start) {
    return !strncmp(text, start, strlen(start));
}

static bool is_known(const char *path) {
    static const char *const known[] = {"/whole/",   "/cut/",  "/restart/", "/short/",
                                        "/changed/", "/busy/", "/slow/"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (starts(path, known[i]))
            return true;
    }
    return false;
}

static void serve(int client, const char *path, long from, bool first) {
    const long size = starts(path, "/short/") ? file_size / 2 : file_size;
    const bool cut = starts(path, "/cut/") || (starts(path, "/restart/") && first);
    if (starts(path, "/restart/"))
        from = 0;
    if (starts(path, "/busy/") && first) {
        send_status(client, "503 Service Unavailable");
    } else if (!is_known(path)) {
        send_status(client, "404 Not Found");
    } else if (from >= size) {
        send_status(client, "416 Range Not Satisfiable");
    } else if (starts(path, "/slow/")) {
        send_head(client, from, size);
        send_bytes(client, file + from, 1);
        while (read(client, &(char){0}, 1) > 0)
            ; /* until the client goes */
    } else if (starts(path, "/changed/")) {
        const char last = (char)~file[size - 1];
        send_head(client, from, size);
        send_bytes(client, file + from, size - 1 - from);
        send_bytes(client, &last, 1);
    } else {
        send_head(client, from, size);
        send_bytes(client, file + from, cut ? (size - from + 1) / 2 : size - from);
    }
}

int main(int argc, char **argv) {
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t length = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (argc != 2 || !load(argv[1]) || listener < 0 ||
        bind(listener, (struct sockaddr *)&address, length) != 0 || listen(listener, 8) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &length) != 0) {
        fprintf(stderr, "server: cannot serve %s\n", argc > 1 ? argv[1] : "nothing");
        return 1;
    }
    signal(SIGPIPE, SIG_IGN);
    alarm(LIFE_SECONDS); /* never outlives its test for long */
    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("%d\n", ntohs(address.sin_port));
    for (bool first = true;; first = false) {
        char request[4096], path[200] = "";
        long from = 0;
        const int client = accept(listener, NULL, NULL);
        if (client < 0)
            return 1;
        if (read_request(client, request, sizeof request) &&
            sscanf(request, "GET %199s", path) == 1) {
            const char *range = strstr(request, "\r\nRange: bytes=");
            if (range)
                from = strtol(range + strlen("\r\nRange: bytes="), NULL, 10);
            printf("%s from %ld\n", path, from);
            serve(client, path, from, first);
        }
        close(client);
    }
}
