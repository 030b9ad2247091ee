// The folder: which files are worklists, and what becomes of the others.
#include "worklists/store.h"

#include "framework/errors.h"
#include "tests/fake_orthanc.h"

#include <catch2/catch_test_macros.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>

using namespace orthanc_images;
using namespace orthanc_images::worklists;
using orthanc_images::tests::FakeOrthanc;

namespace files = std::filesystem;

namespace {

std::string empty_folder() {
    const std::string folder = FOLDER;
    files::remove_all(folder);
    files::create_directories(folder);
    return folder;
}

void put(const std::string &path, const std::string &content) {
    std::ofstream(path, std::ios::binary) << content;
}

} // namespace

TEST_CASE("the files *.wl of a folder are worklists, in any case, and nothing else is") {
    FakeOrthanc orthanc;
    const std::string folder = empty_folder();
    put(folder + "/b.wl", "two");
    put(folder + "/a b.WL", "one");
    put(folder + "/c.dcm", "no");
    put(folder + "/d.wl.part", "half");
    files::create_directory(folder + "/e.wl");
    const auto store = folder_store(folder);
    const auto all = store->all();
    REQUIRE(all.size() == 2);
    CHECK(all[0].id == "a b");
    CHECK(all[0].dicom == "one");
    CHECK(all[1].id == "b");
    CHECK(store->find("a b")->dicom == "one");
    CHECK_FALSE(store->find("e"));
    CHECK_FALSE(store->find("c"));
}

TEST_CASE("a file is written as a whole, replaced and removed") {
    FakeOrthanc orthanc;
    const std::string folder = empty_folder();
    const auto store = folder_store(folder);
    store->save({"x", "one", ""});
    store->save({"x", "two", ""});
    CHECK(store->find("x")->dicom == "two");
    CHECK(std::distance(files::directory_iterator(folder), files::directory_iterator()) == 1);
    put(folder + "/y.WL", "y");
    store->save({"y", "z", ""});
    CHECK(store->all().size() == 2);
    CHECK(store->remove("x"));
    CHECK_FALSE(store->remove("x"));
    CHECK(store->remove("y"));
}

TEST_CASE("no identifier leads out of the folder") {
    FakeOrthanc orthanc;
    const std::string folder = empty_folder();
    files::create_directory(folder + "/in");
    put(folder + "/secret.wl", "secret");
    const auto store = folder_store(folder + "/in");
    for (const std::string &id : {std::string("../secret"), std::string("/etc/passwd"), std::string(),
                                  std::string("../secret\0x", 11)}) {
        CHECK_FALSE(store->find(id));
        CHECK_FALSE(store->remove(id));
        CHECK_THROWS_AS(store->save({id, "x", ""}), Error);
    }
    CHECK(files::exists(folder + "/secret.wl"));
}

TEST_CASE("a folder that is not there is an error with its name, and so is one that cannot be written") {
    FakeOrthanc orthanc;
    const auto store = folder_store(empty_folder() + "/none");
    try {
        store->all();
        FAIL("nothing was thrown");
    } catch (const Error &error) {
        CHECK(std::string(error.what()).find("/none cannot be read (No such file") != std::string::npos);
    }
    CHECK_THROWS_AS(store->save({"x", "x", ""}), Error);
}

TEST_CASE("a file that is far too large is left out and told") {
    FakeOrthanc orthanc;
    const std::string folder = empty_folder();
    put(folder + "/a.wl", "x");
    files::resize_file(folder + "/a.wl", (64U << 20U) + 1);
    CHECK(folder_store(folder)->all().empty());
    REQUIRE(orthanc.lines().size() == 1);
    CHECK(orthanc.lines()[0].message.find("a.wl: is larger than 64 MiB") != std::string::npos);
}
