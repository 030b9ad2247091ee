/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Patch 12: look-ups in Orthanc's index in SQLite take as long among a million instances as among a thousand.
 *
 * SQLite knows nothing of the sizes of Orthanc's tables, and so goes through all instances to find one of
 * them. When Orthanc has opened its index, or has made the tables of a new one, two indexes and the
 * statistics below are added on Orthanc's own connection, since it lets no other one in. See docs/sqlite.md.
 */

#include "interpose.h"

#include <atomic>
#include <cstdarg>
#include <cstring>
#include <ctime>
#include <string>

/* Declared here, as SQLite 3 has them, so that nothing more than glibc is needed to compile. */
struct sqlite3;
struct sqlite3_stmt;

using Row = int(void *, int, char **, char **);

extern "C" int sqlite3_exec(sqlite3 *database, const char *sql, Row *row, void *data, char **error);
extern "C" int sqlite3_prepare_v2(sqlite3 *database, const char *sql, int size, sqlite3_stmt **statement,
                                  const char **rest);
extern "C" int sqlite3_step(sqlite3_stmt *statement);
extern "C" long long sqlite3_column_int64(sqlite3_stmt *statement, int column);
extern "C" int sqlite3_finalize(sqlite3_stmt *statement);
extern "C" int sqlite3_db_readonly(sqlite3 *database, const char *name);
extern "C" const char *sqlite3_errmsg(sqlite3 *database);
extern "C" void sqlite3_progress_handler(sqlite3 *database, int operations, int (*progress)(void *),
                                         void *data);

namespace {
constexpr int OK = 0;
constexpr int ROW = 100;

/* What Orthanc executes last before it looks for its tables, and what its scripts for them have in common. */
constexpr char OPENED[] = "PRAGMA case_sensitive_like = true;";
constexpr char CHANGED[] = "CREATE ";

/* The start-up code sets it to "false" where the index is to stay as it is. */
constexpr char SWITCH[] = "SQLITE_INDEX_TUNING";

/* The first one finds a resource, the second one has those of a level in Orthanc's order. */
#define LOOKUP "OrthancImagesLookup"
#define LISTING "OrthancImagesListing"
constexpr char LOOKUP_MADE[] = "CREATE INDEX IF NOT EXISTS " LOOKUP " ON Resources(publicId, resourceType)";
constexpr char LISTING_MADE[] = "CREATE INDEX IF NOT EXISTS " LISTING " ON Resources(resourceType, publicId)";
constexpr char IS_ORTHANC[] =
    "SELECT COUNT(*) FROM pragma_table_info('Resources') JOIN GlobalProperties ON property = 1"
    " WHERE name IN ('internalId', 'resourceType', 'publicId', 'parentId')";
constexpr char RESOURCES[] = "SELECT COUNT(*) FROM Resources";
constexpr char INDEXES[] = "SELECT COUNT(*) FROM sqlite_schema WHERE name IN ('" LOOKUP "', '" LISTING "')";

/*
 * The tables as they are in a very large index: rows in all, then those that share the first column, the
 * first two and so on. The ratios are those of an archive; the absolute numbers have to be far above the
 * million rows that SQLite takes for granted in a subquery, so that it begins with what was found, not with a
 * table.
 */
#define TABLES "('Resources', 'Metadata', 'MainDicomTags', 'DicomIdentifiers', 'AttachedFiles', 'Labels')"
#define STATISTICS                                                                                           \
    "VALUES ('Resources', 'ResourceTypeIndex', '1000000000 50000000'),"                                      \
    " ('Resources', 'PublicIndex', '1000000000 1'),"                                                         \
    " ('Resources', 'ChildrenIndex', '1000000000 20'),"                                                      \
    " ('Resources', '" LOOKUP "', '1000000000 1 1'),"                                                        \
    " ('Resources', '" LISTING "', '1000000000 100000000 1'),"                                               \
    " ('Metadata', 'sqlite_autoindex_Metadata_1', '10000000000 10 1'),"                                      \
    " ('MainDicomTags', 'sqlite_autoindex_MainDicomTags_1', '5000000000 5 4 1'),"                            \
    " ('MainDicomTags', 'MainDicomTagsIndex1', '5000000000 5'),"                                             \
    " ('DicomIdentifiers', 'sqlite_autoindex_DicomIdentifiers_1', '1200000000 2 2 1'),"                      \
    " ('DicomIdentifiers', 'DicomIdentifiersIndex1', '1200000000 2'),"                                       \
    " ('DicomIdentifiers', 'DicomIdentifiersIndex3', '1200000000 150000000 150000000 1'),"                   \
    " ('AttachedFiles', 'sqlite_autoindex_AttachedFiles_1', '1000000000 1 1'),"                              \
    " ('Labels', 'sqlite_autoindex_Labels_1', '100000000 1 1'),"                                             \
    " ('Labels', 'LabelsIndex1', '100000000 1'),"                                                            \
    " ('Labels', 'LabelsIndex2', '100000000 1000')"
constexpr char STATISTICS_ARE[] =
    "SELECT (SELECT COUNT(*) FROM (" STATISTICS "))"
    " - (SELECT COUNT(*) FROM sqlite_stat1 WHERE (tbl, idx, stat) IN (" STATISTICS "))"
    " + (SELECT COUNT(*) FROM sqlite_stat1 WHERE tbl IN " TABLES " AND (tbl, idx, stat) NOT IN (" STATISTICS
    "))";
constexpr char SAMPLES[] = "SELECT COUNT(*) FROM sqlite_stat4 WHERE tbl IN " TABLES;
constexpr char LOADED[] = "ANALYZE sqlite_schema"; /* makes their table where there is none, and reads it */
constexpr char STATISTICS_GONE[] = "DELETE FROM sqlite_stat1 WHERE tbl IN " TABLES;
constexpr char STATISTICS_MADE[] = "INSERT INTO sqlite_stat1 " STATISTICS;
constexpr char SAMPLES_GONE[] = "DELETE FROM sqlite_stat4 WHERE tbl IN " TABLES;

using Execute = int(sqlite3 *, const char *, Row *, void *, char **);

Execute *execute() {
    static auto *const function = interpose::next<Execute>("sqlite3_exec");

    return function;
}

bool done(sqlite3 *database, const char *sql) {
    return execute()(database, sql, nullptr, nullptr, nullptr) == OK;
}

/* The number that a query returns; -1 where there is no such table, or no such function. */
long long number(sqlite3 *database, const char *sql) {
    sqlite3_stmt *statement = nullptr;
    long long found = -1;

    if (sqlite3_prepare_v2(database, sql, -1, &statement, nullptr) == OK && sqlite3_step(statement) == ROW) {
        found = sqlite3_column_int64(statement, 0);
    }
    sqlite3_finalize(statement);
    return found;
}

double now() {
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

__attribute__((format(printf, 1, 2))) void say(const char *format, ...) {
    va_list words;

    va_start(words, format);
    vfprintf(stderr, format, words);
    va_end(words);
}

/* How far the two indexes are: one operation of SQLite's machine after the other. */
struct Progress {
    static constexpr int STEP = 100000;
    static constexpr double PAUSE = 3;
    double operations;
    double expected;
    double told;

    static int on(void *data) {
        auto *self = static_cast<Progress *>(data);

        self->operations += STEP;
        if (now() - self->told >= PAUSE) {
            self->told = now();
            say("The SQLite index gets what keeps it quick: %.0f %%.\n",
                100 * (self->operations < self->expected ? self->operations / self->expected : 0.99));
        }
        return 0;
    }
};

/* Adds what is missing, all of it or nothing. */
bool added(sqlite3 *database, bool samples) {
    return done(database, "SAVEPOINT tuning") && done(database, LOOKUP_MADE) &&
           done(database, LISTING_MADE) && done(database, LOADED) && done(database, STATISTICS_GONE) &&
           (!samples || done(database, SAMPLES_GONE)) && done(database, STATISTICS_MADE) &&
           done(database, "RELEASE tuning") && done(database, LOADED);
}

/* `changed` tells that SQLite has read the statistics before what they speak of was there. */
void tune(sqlite3 *database, bool changed) {
    constexpr double OPERATIONS = 20;  /* for each resource, in both indexes */
    const char *wish = getenv(SWITCH); // NOLINT(concurrency-mt-unsafe): nobody changes it

    if ((wish != nullptr && strcmp(wish, "false") == 0) || sqlite3_db_readonly(database, "main") != 0 ||
        number(database, IS_ORTHANC) != 4) {
        return;
    }
    const bool indexed = number(database, INDEXES) == 2;
    const bool samples = number(database, SAMPLES) > 0;
    if (indexed && !samples && number(database, STATISTICS_ARE) == 0) {
        if (changed) {
            done(database, LOADED);
        }
        return;
    }
    const long long resources = indexed ? 0 : number(database, RESOURCES);
    const double begun = now();
    Progress progress{0, OPERATIONS * static_cast<double>(resources), begun};
    if (resources > 0) {
        say("The SQLite index gets what keeps it quick, for %lld resources.\n", resources);
        sqlite3_progress_handler(database, Progress::STEP, Progress::on, &progress);
    }
    const bool whole = added(database, samples);
    const std::string reason = whole ? "" : sqlite3_errmsg(database);
    sqlite3_progress_handler(database, 0, nullptr, nullptr);
    if (!whole) {
        done(database, "ROLLBACK TO tuning");
        done(database, "RELEASE tuning");
        say("The SQLite index stays as it is, and slows down as it grows: %s. See docs/sqlite.md.\n",
            reason.c_str());
    } else if (resources > 0) {
        say("The SQLite index got it in %.1f s.\n", now() - begun);
    }
}
} // namespace

extern "C" int sqlite3_exec(sqlite3 *database, const char *sql, Row *row, void *data, char **error) {
    static std::atomic<sqlite3 *> index(nullptr);
    const int result = execute()(database, sql, row, data, error);

    if (result != OK || sql == nullptr) {
        return result;
    }
    if (strcmp(sql, OPENED) == 0) {
        index = database;
        tune(database, false);
    } else if (database == index && strstr(sql, CHANGED) != nullptr) {
        tune(database, true);
    }
    return result;
}
