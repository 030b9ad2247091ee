// What test.sh promises to the other tests: servers that answer, each with an empty database.
#include <catch2/catch_test_macros.hpp>

#include <cstdlib>

TEST_CASE("each kind of server has an address", "[servers]") {
    for (const char *name :
         {"TEST_POSTGRESQL", "TEST_MYSQL", "TEST_ODBC_POSTGRESQL", "TEST_ODBC_MYSQL", "TEST_ODBC_SQLITE"}) {
        INFO(name);
        CHECK(std::getenv(name) != nullptr);
    }
}
