// What the plugin uses of SQLite, which Orthanc itself is linked to.
//
// Only the file of the plugin Indexer is read with it, once. The functions and numbers are the binary
// interface of libsqlite3.so.0, which has been the same since 2004.
#pragma once

extern "C" {
struct sqlite3;
struct sqlite3_stmt;

int sqlite3_open_v2(const char *file, sqlite3 **database, int flags, const char *system);
int sqlite3_close(sqlite3 *database);
int sqlite3_exec(sqlite3 *database, const char *sql, int (*row)(void *, int, char **, char **),
                 void *argument, char **message);
int sqlite3_prepare_v2(sqlite3 *database, const char *sql, int size, sqlite3_stmt **statement,
                       const char **rest);
int sqlite3_step(sqlite3_stmt *statement);
int sqlite3_finalize(sqlite3_stmt *statement);
int sqlite3_bind_text(sqlite3_stmt *statement, int number, const char *text, int size,
                      void (*release)(void *));
const unsigned char *sqlite3_column_text(sqlite3_stmt *statement, int column);
int sqlite3_column_bytes(sqlite3_stmt *statement, int column);
long long sqlite3_column_int64(sqlite3_stmt *statement, int column);
const char *sqlite3_errmsg(sqlite3 *database);
}

namespace orthanc_images::advanced::sqlite {

constexpr int OK = 0;
constexpr int ROW = 100;
constexpr int DONE = 101;
constexpr int OPEN_READ_WRITE = 2;
constexpr int OPEN_FULL_MUTEX = 0x10000;

} // namespace orthanc_images::advanced::sqlite
