/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Cure 8: a restart through POST /tools/reset with Python scripts begins with a fresh process.
 *
 * Orthanc ends the Python interpreter and makes a second one in the same process, in which extension modules
 * do not work. See docs/compat.md.
 */

#define _GNU_SOURCE

#include <dlfcn.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { STEP = 4096 };

typedef int adder(const char *name, void *(*module)(void));

/* Returns the command line of this process, each word ended by a zero, and its length; NULL when it has none. */
static char *command_line(size_t *length)
{
    char *text = NULL;
    FILE *file = fopen("/proc/self/cmdline", "re");

    *length = 0;
    while (file != NULL) {
        char *larger = realloc(text, *length + STEP);
        size_t count = larger == NULL ? 0 : fread(larger + *length, 1, STEP, file);

        text = larger;
        *length += count;
        if (count < STEP)
            break;
    }
    if (file != NULL)
        fclose(file);
    return *length == 0 || text[*length - 1] != '\0' ? NULL : text;
}

/* Becomes the same program with the same words, environment and process id; returns only when it cannot. */
static void begin_again(void)
{
    size_t length, count = 0;
    char *text = command_line(&length);
    char **words = text == NULL ? NULL : calloc(length + 1, sizeof *words);

    if (words == NULL)
        return;
    for (char *word = text; word < text + length; word++)
        if (word == text || word[-1] == '\0')
            words[count++] = word;
    close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
    execv("/proc/self/exe", words);
}

/* Adds a module to those of the interpreter that is made next, which the Python plugin does just before. */
int PyImport_AppendInittab(const char *name, void *(*module)(void))
{
    static bool earlier;
    adder *original;

    if (earlier)
        begin_again();
    earlier = true;
    original = (adder *) dlsym(RTLD_NEXT, "PyImport_AppendInittab");
    return original == NULL ? -1 : original(name, module);
}
