/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Patch 8: a restart through POST /tools/reset with Python scripts begins with a fresh process.
 *
 * Orthanc ends the Python interpreter and makes a second one in the same process, in which extension modules
 * do not work. See docs/compat.md.
 */

#include "interpose.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int PyImport_AppendInittab(const char *name, void *(*module)());

namespace {
/* Becomes the same program with the same words, environment and process id; returns only when it cannot. */
void begin_again() {
    std::ifstream file("/proc/self/cmdline", std::ios::binary);
    std::string line((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    std::vector<char *> words;

    if (line.empty() || line.back() != '\0') {
        return;
    }
    for (size_t place = 0; place < line.size(); place = line.find('\0', place) + 1) {
        words.push_back(&line[place]);
    }
    words.push_back(nullptr);
    close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
    execv("/proc/self/exe", words.data());
}
} // namespace

/* Adds a module to those of the interpreter that is made next, which the Python plugin does just before. */
extern "C" int PyImport_AppendInittab(const char *name, void *(*module)()) {
    static auto *const original = interpose::next<decltype(PyImport_AppendInittab)>("PyImport_AppendInittab");
    static bool earlier = false;

    if (earlier) {
        begin_again();
    }
    earlier = true;
    return original(name, module);
}
