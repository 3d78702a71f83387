/*
 * What the programs here have in common: they print what a call answered, its result or the text of its errno. Each shows
 * one behaviour of a manual page, is built by `cc -O2 -static -pthread NAME.c -lm`, wants no arguments and an empty directory to run
 * in, leaves nothing behind, and prints the same on every architecture: Linux on the host is run first, to say what.
 */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void say(const char *what, long long result)
{
    if (result == -1)
        printf("%s: %s\n", what, strerror(errno));
    else
        printf("%s: %lld\n", what, result);
}

/* For results that say no more than yes or no: descriptors, addresses, times. */
static inline void check(const char *what, int holds)
{
    printf("%s: %s\n", what, holds ? "yes" : "NO");
}

/* A file with this text. */
static inline void put(const char *name, const char *text)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
        say(name, -1);
    close(fd);
}

/* Prints all that a file holds. */
static inline void show(const char *name)
{
    char text[256];
    int fd = open(name, O_RDONLY);
    ssize_t size = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (size < 0) {
        say(name, -1);
    } else {
        text[size] = 0;
        printf("%s holds \"%s\"\n", name, text);
    }
    if (fd >= 0)
        close(fd);
}
