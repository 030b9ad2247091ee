// What a database looks like to a plugin that would start on it, for `config check --connect`.
#pragma once

#include "database/driver/backend.h"

#include "framework/json.h"

namespace orthanc_images::database {

// Opens one connection and looks, without changing anything. An object:
//
//   server    the server's name and version
//   tables    whether the tables for this purpose are there
//   version   of an index that is there, and that the user may read: the version of its schema
//   revision  … and its revision, where it has one
//   newest    … and the newest revision that these images know
//   size      of the database, in bytes; missing where the server does not say
//   lacking   the rights that a start would need and that are not there; missing where the server does not
//   say
//
// What goes wrong is thrown, as at a start.
Json looked_at(const Backend &backend, Purpose purpose);

} // namespace orthanc_images::database
