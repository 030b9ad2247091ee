/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Patch 5: room on Lua's stack for what Orthanc pushes there.
 *
 * LuaContext::PushJson and LuaContext::GetJson leave several values a level on Lua's stack, without
 * lua_checkstack, which Lua demands of whoever pushes more than 20. The tags of a file with 14
 * nested sequences are enough to write past the end. Each level begins with one of the two
 * functions below, and needs less than ROOM. See docs/compat.md.
 */

#include "interpose.h"

constexpr int ROOM = 20;

/* Declared here, as Lua 5.3 has them, so that nothing more than glibc is needed to compile. */
struct lua_State;

extern "C" int lua_checkstack(lua_State *lua, int room);
extern "C" void lua_createtable(lua_State *lua, int elements, int fields);
extern "C" void lua_pushvalue(lua_State *lua, int index);

static void make_room(lua_State *lua) {
    static auto *const check = interpose::next<decltype(lua_checkstack)>("lua_checkstack");

    check(lua, ROOM);
}

void lua_createtable(lua_State *lua, int elements, int fields) {
    static auto *const original = interpose::next<decltype(lua_createtable)>("lua_createtable");

    make_room(lua);
    original(lua, elements, fields);
}

void lua_pushvalue(lua_State *lua, int index) {
    static auto *const original = interpose::next<decltype(lua_pushvalue)>("lua_pushvalue");

    make_room(lua);
    original(lua, index);
}
