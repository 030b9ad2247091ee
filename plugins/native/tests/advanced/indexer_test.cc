#include "advanced/indexer.h"
#include "advanced/world.h"

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>
#include <unistd.h>

using namespace orthanc_images;
using namespace orthanc_images::advanced;
using namespace orthanc_images::tests;
using nlohmann::json;
using Names = std::vector<std::string>;

namespace {

constexpr auto SETTLED = std::chrono::milliseconds(1100);

// A world whose folder "in" is indexed.
class Indexing_world : public World {
  public:
    explicit Indexing_world(Indexing settings = {}) {
        start();
        settings.folders = {(folder / "in").string()};
        indexer.emplace(settings);
    }

    // Looks through the folder, and again at what has been written lately.
    void look() {
        indexer->pass({});
        for (int i = 0; i < 5 && indexer->unsettled() > 0; ++i) {
            std::this_thread::sleep_for(SETTLED);
            indexer->look_again({});
        }
        indexer->pass({});
    }

    json row(const std::string &path) {
        return json::parse(values("advst-indexer-path").at(path));
    }

    std::optional<Indexer> indexer;
};

} // namespace

TEST_CASE("files of a folder are indexed where they are, and go with their files") {
    Indexing_world world;
    const std::string one = world.file("a/one.dcm", World::dicom("one"));
    world.file("b/two", World::dicom("two"));
    const std::string text =
        world.file("notes.txt", "no DICOM at all, and longer than a hundred bytes" + std::string(200, '.'));
    world.look();
    CHECK(world.instances() == Names{"one", "two"});
    CHECK(world.files(world.storage).empty());
    const std::string uuid = world.attachment("one").value();
    CHECK(world.custom(uuid) == R"({"o":false,"p":")" + one + R"(","v":1})");
    CHECK(world.read(uuid) == World::dicom("one"));
    CHECK(json::parse(world.values("advst-adopted-path").at(one)) ==
          json{{"v", 1}, {"t", 3}, {"c", 1}, {"r", "one"}});
    CHECK(world.row(one).at("d") == true);
    CHECK(world.row(text).at("d") == false);
    std::filesystem::remove(one);
    world.look();
    CHECK(world.instances() == Names{"two"});
    CHECK(world.values("advst-indexer-path").size() == 2);
    CHECK(world.values("advst-adopted-path").size() == 1);
    CHECK(world.said().empty());
}

TEST_CASE("what a user deletes stays away, and its file stays") {
    Indexing_world world;
    const std::string one = world.file("one.dcm", World::dicom("one"));
    world.look();
    world.remove(world.attachment("one").value());
    world.look();
    CHECK(world.instances().empty());
    CHECK(std::filesystem::exists(one));
    CHECK(world.values("advst-adopted-path").empty());
    // Until it changes.
    world.file("one.dcm", World::dicom("one", "changed"));
    world.look();
    CHECK(world.instances() == Names{"one"});
}

TEST_CASE("owned files are deleted with their instances, and spared when they are replaced") {
    Indexing settings;
    settings.own = true;
    Indexing_world world(settings);
    const std::string one = world.file("a/b/one.dcm", World::dicom("one"));
    const std::string twin = world.file("twin.dcm", World::dicom("one", "another"));
    world.look();
    CHECK(std::filesystem::exists(one));
    CHECK(std::filesystem::exists(twin));
    world.overwrites = true;
    world.file("a/b/one.dcm", World::dicom("one", "changed"));
    world.look();
    CHECK(std::filesystem::exists(one));
    world.remove(world.attachment("one").value());
    CHECK(world.code == OrthancPluginErrorCode_Success);
    world.look();
    CHECK(world.instances().empty());
}

TEST_CASE("a file that changes is indexed anew, whatever it becomes") {
    Indexing_world world;
    const std::string path = world.file("one.dcm", World::dicom("one"));
    world.look();
    world.file("one.dcm", World::dicom("other"));
    world.look();
    CHECK(world.instances() == Names{"other"});
    world.file("one.dcm", "nothing");
    world.look();
    CHECK(world.instances().empty());
    CHECK(world.row(path).at("d") == false);
    CHECK(std::filesystem::exists(path));
}

TEST_CASE("a file that is being written waits until it is complete") {
    Indexing_world world;
    const std::string path = world.file("slow.dcm", "");
    std::ofstream writer(path, std::ios::binary);
    const std::string content = World::dicom("slow", std::string(1000, 'x'));
    writer << content.substr(0, 500) << std::flush;
    world.indexer->pass({});
    CHECK(world.indexer->unsettled() == 1);
    std::this_thread::sleep_for(SETTLED);
    writer << content.substr(500) << std::flush;
    world.indexer->look_again({});
    CHECK(world.instances().empty());
    writer.close();
    world.look();
    CHECK(world.instances() == Names{"slow"});
    CHECK(world.read(world.attachment("slow").value()) == content);
}

TEST_CASE("a file from the future is indexed all the same") {
    Indexing_world world;
    const std::string path = world.file("future.dcm", World::dicom("future"));
    std::filesystem::last_write_time(path,
                                     std::filesystem::file_time_type::clock::now() + std::chrono::hours(48));
    world.look();
    CHECK(world.instances() == Names{"future"});
}

TEST_CASE("a moved file keeps its attachment, a duplicate takes its place") {
    Indexing_world world;
    const std::string path = world.file("one.dcm", World::dicom("one"));
    world.look();
    const std::string uuid = world.attachment("one").value();
    const std::string moved = (world.folder / "in" / "moved.dcm").string();
    std::filesystem::rename(path, moved);
    world.look();
    CHECK(world.attachment("one") == uuid);
    CHECK(world.read(uuid) == World::dicom("one"));
    CHECK(world.custom(uuid).find("moved.dcm") != std::string::npos);
    // Not the same bytes: another attachment.
    world.file("twin.dcm", World::dicom("one", "other"));
    world.look();
    CHECK(world.attachment("one") == uuid);
    std::filesystem::remove(moved);
    world.look();
    CHECK(world.instances() == Names{"one"});
    CHECK(world.read(world.attachment("one").value()) == World::dicom("one", "other"));
}

TEST_CASE("what cannot be read is said once, kept, and taken when it can be") {
    if (::geteuid() == 0) {
        // Root reads everything: a loop of links is what it cannot read either.
        Indexing_world world;
        std::filesystem::create_symlink("loop", world.folder / "in" / "loop");
        world.look();
        CHECK(world.instances().empty());
        return;
    }
    Indexing_world world;
    const std::string path = world.file("a/one.dcm", World::dicom("one"));
    world.file("a/two.dcm", World::dicom("two"));
    ::chmod(path.c_str(), 0);
    world.look();
    world.look();
    CHECK(world.instances() == Names{"two"});
    CHECK(world.said().size() == 1);
    ::chmod(path.c_str(), 0644);
    world.look();
    CHECK(world.instances() == Names{"one", "two"});
    const std::string folder = (world.folder / "in" / "a").string();
    ::chmod(folder.c_str(), 0);
    world.look();
    CHECK(world.instances() == Names{"one", "two"});
    CHECK(world.said().size() == 2);
    ::chmod(folder.c_str(), 0755);
}

TEST_CASE("a folder that is gone as a whole is kept in the index") {
    Indexing_world world;
    world.file("one.dcm", World::dicom("one"));
    world.look();
    std::filesystem::rename(world.folder / "in", world.folder / "away");
    world.look();
    CHECK(world.instances() == Names{"one"});
    CHECK(world.said().size() == 1);
    std::filesystem::rename(world.folder / "away", world.folder / "in");
    world.look();
    CHECK(world.instances() == Names{"one"});
}

TEST_CASE("extensions choose what is looked at") {
    Indexing settings;
    settings.parsed = {".dcm"};
    Indexing_world world(settings);
    world.file("one.DCM", World::dicom("one"));
    world.file("two.bin", World::dicom("two"));
    world.look();
    CHECK(world.instances() == Names{"one"});
}

TEST_CASE("links are followed, and never in circles; a name that is not UTF-8 is said") {
    Indexing_world world;
    const std::string one = world.file("a/one.dcm", World::dicom("one"));
    std::filesystem::create_directory_symlink("..", world.folder / "in" / "a" / "circle");
    std::filesystem::create_symlink("nowhere", world.folder / "in" / "broken");
    world.file("\xff.dcm", World::dicom("bytes"));
    world.look();
    CHECK(world.instances() == Names{"one"});
    REQUIRE(world.said().size() == 1);
    CHECK(world.said().front().find("is not UTF-8") != std::string::npos);
}

TEST_CASE("an error of the index is tried again") {
    Indexing_world world;
    world.file("one.dcm", World::dicom("one"));
    world.refusal = OrthancPluginErrorCode_DatabaseUnavailable;
    world.look();
    world.look();
    CHECK(world.instances() == Names{"one"});
}

TEST_CASE("rows of the official plugin are understood") {
    Indexing_world world;
    const std::string one = world.file("one.dcm", World::dicom("one"));
    struct stat found{};
    REQUIRE(::stat(one.c_str(), &found) == 0);
    world.stores["advst-indexer-path"][one] =
        json{{"v", 1}, {"d", true}, {"s", found.st_size}, {"t", found.st_mtim.tv_sec}}.dump();
    world.look();
    CHECK(world.instances().empty());
    CHECK(instance_of("v=1;t=3;c=1;r=abc") == "abc");
    CHECK(instance_of(owner_text("abc")) == "abc");
    CHECK(instance_of("nothing").empty());
}

TEST_CASE("changes are told by the kernel, and the thread ends at once") {
    World world;
    world.start(
        {{"Indexer", {{"Enable", true}, {"Folders", (world.folder / "in").string()}, {"Interval", 600}}}});
    world.begin();
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    const std::string one = world.file("new/one.dcm", World::dicom("one"));
    const auto until = [&](const Names &expected) {
        for (int i = 0; i < 200 && world.instances() != expected; ++i) {
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
        }
        CHECK(world.instances() == expected);
    };
    until({"one"});
    std::filesystem::remove(one);
    until({});
    world.file("new/two.dcm", World::dicom("two"));
    until({"two"});
    std::filesystem::remove_all(world.folder / "in" / "new");
    until({});
    const auto begin = std::chrono::steady_clock::now();
    world.stop();
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(2));
}

TEST_CASE("fingerprints tell what is gone") {
    Fingerprints all;
    Indexed file;
    for (int i = 0; i < 1000; ++i) {
        all.add(Fingerprints::of(std::to_string(i), file));
    }
    file.size = 1;
    CHECK_FALSE(all.contains(Fingerprints::of("1", file)));
    file.size = 0;
    CHECK(all.contains(Fingerprints::of("1", file)));
    CHECK(all.replace({Fingerprints::of("1", file), Fingerprints::of("x", file)}) == 999);
    CHECK(all.size() == 1);
}
