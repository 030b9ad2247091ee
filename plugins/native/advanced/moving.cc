#include "advanced/moving.h"

#include "advanced/area.h"
#include "advanced/files.h"
#include "advanced/state.h"
#include "advanced/stores.h"

#include "framework/errors.h"
#include "framework/rest.h"

#include <nlohmann/json.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <mutex>
#include <set>
#include <thread>
#include <utility>
#include <vector>

namespace orthanc_images::advanced {

namespace {

constexpr const char *MOVE_STORAGE = "MoveStorage";
constexpr std::array<const char *, 4> LEVELS = {"patients", "studies", "series", "instances"};
constexpr std::array<const char *, 4> GROUPS = {"Patients", "Studies", "Series", "Instances"};
constexpr auto LOOK_AT_JOB = std::chrono::milliseconds(50);

// What is to be moved, and where to.
struct Move {
    // What the user asked for, by level.
    Json resources = Json::object();
    std::string target;
    // The resources themselves and all below them, such as "instances/…".
    std::vector<std::string> items;
};

std::string attachment_text(const Json &info, const char *key) {
    const auto found = info.find(key);
    return found != info.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// Copies a file to its new place, tells the index, and deletes it where it was. What is interrupted leaves
// the file where the index says that it is.
void move_file(const std::string &uuid, const std::string &target) {
    State &now = state();
    const Place from = place_now(uuid);
    if (!from.owned) {
        throw Error(OrthancPluginErrorCode_BadRequest, "file " + uuid + " is not Orthanc's (" + from.path +
                                                           "), and is not moved. Leave it out.");
    }
    Place to = from;
    to.storage = target;
    if (from.adopted()) {
        to.path.clear();
    }
    const std::string source = absolute(now.settings, from, uuid);
    std::string wanted = absolute(now.settings, to, uuid);
    if (source == wanted) {
        return;
    }
    const Writing writing{.uuid = uuid, .sync = now.settings.sync};
    if (!copy_file(source, wanted, writing)) {
        // Another file has its name there, or this one does since the job was interrupted.
        to.path.clear();
        wanted = absolute(now.settings, to, uuid);
        if (source != wanted) {
            remove_file_in(wanted, base_of(now.settings, wanted));
            copy_file(source, wanted, writing);
        }
    }
    const std::string custom = custom_data(to);
    try {
        set_custom_data_of(uuid, custom);
    } catch (...) {
        remove_file_in(wanted, base_of(now.settings, wanted));
        throw;
    }
    if (custom_data_of(uuid) != custom) {
        // It was deleted meanwhile.
        remove_file_in(wanted, base_of(now.settings, wanted));
        return;
    }
    if (from.adopted()) {
        adopted_paths().drop(source);
    }
    const std::scoped_lock lock(now.mutex);
    if (now.deletion != nullptr) {
        Deletion::add(source);
    } else {
        remove_file_in(source, base_of(now.settings, source));
    }
}

void move_item(const std::string &item, const std::string &target) {
    const Answer listed = call({.uri = "/" + item + "/attachments"});
    if (!listed.good()) {
        // It was deleted meanwhile.
        return;
    }
    for (const Json &name : parsed(listed.body.bytes(), item)) {
        const Answer answer = call({.uri = "/" + item + "/attachments/" + name.get<std::string>() + "/info"});
        if (answer.good()) {
            move_file(attachment_text(parsed(answer.body.bytes(), item), "Uuid"), target);
        }
    }
}

class Moving : public Job {
  public:
    explicit Moving(Move move) : move_(std::move(move)) {}

    const char *type() const noexcept override {
        return MOVE_STORAGE;
    }

    Step step() override {
        if (done_ >= move_.items.size()) {
            return Step::done;
        }
        try {
            move_item(move_.items[done_], move_.target);
        } catch (const std::exception &error) {
            const std::scoped_lock lock(mutex_);
            failure_ = error.what();
            throw;
        }
        return ++done_ < move_.items.size() ? Step::more : Step::done;
    }

    float progress() const override {
        return move_.items.empty()
                   ? 1.0F
                   : static_cast<float>(done_.load()) / static_cast<float>(move_.items.size());
    }

    std::optional<std::string> content() const override {
        Json value = {{"ResourcesToMove", move_.resources}, {"TargetStorageId", move_.target}};
        const std::scoped_lock lock(mutex_);
        if (!failure_.empty()) {
            value["ErrorDetails"] = failure_;
        }
        return written(value);
    }

    std::optional<std::string> saved() const override {
        return written({{"ResourcesToMove", move_.resources},
                        {"TargetStorageId", move_.target},
                        {"Items", move_.items}});
    }

    void reset() override {
        done_ = 0;
        const std::scoped_lock lock(mutex_);
        failure_.clear();
    }

  private:
    const Move move_;
    std::atomic<std::size_t> done_ = 0;
    mutable std::mutex mutex_;
    std::string failure_;
};

void add_below(const std::string &level, const std::string &id, std::vector<std::string> &items) {
    const std::string item = level + "/" + id;
    items.push_back(item);
    for (std::size_t i = 0; i + 1 < LEVELS.size(); ++i) {
        if (level == LEVELS.at(i)) {
            const Json own = get_json("/" + item);
            for (const Json &child : own.at(GROUPS.at(i + 1))) {
                add_below(LEVELS.at(i + 1), child.get<std::string>(), items);
            }
        }
    }
}

void add_resource(const std::string &id, Move &move) {
    for (std::size_t i = LEVELS.size(); i-- > 0;) {
        if (!id.empty() && id.find('/') == std::string::npos &&
            call({.uri = std::string("/") + LEVELS.at(i) + "/" + id}).good()) {
            move.resources[GROUPS.at(i)].push_back(id);
            add_below(LEVELS.at(i), id, move.items);
            return;
        }
    }
    throw Error(OrthancPluginErrorCode_UnknownResource, "Resources: there is no '" + id + "' in Orthanc.");
}

Move move_of(const Json &body) {
    const auto wrong = [](const std::string &what) {
        throw Error(OrthancPluginErrorCode_BadFileFormat, what);
    };
    if (!body.is_object() || !body.value("Resources", Json()).is_array() ||
        !body.value("TargetStorageId", Json()).is_string()) {
        wrong(R"(write {"Resources": ["identifier"], "TargetStorageId": "storage"}.)");
    }
    Move move;
    move.target = body.at("TargetStorageId").get<std::string>();
    if (!move.target.empty() && !state().settings.storages.contains(move.target)) {
        wrong("TargetStorageId: '" + move.target +
              "' is not one of AdvancedStorage.MultipleStorages.Storages. Name one of these.");
    }
    for (const Json &one : body.at("Resources")) {
        if (!one.is_string()) {
            wrong("Resources: an item is no text. Write identifiers of patients, studies, series or "
                  "instances.");
        }
        add_resource(one.get<std::string>(), move);
    }
    return move;
}

// Answers with what came of a job, when it has ended.
void answer_when_done(const std::string &id, Response &response) {
    while (!state().stopping) {
        const Json job = get_json("/jobs/" + id);
        const std::string now = attachment_text(job, "State");
        if (now == "Success") {
            response.json(job.value("Content", Json::object()));
            return;
        }
        if (now == "Failure" || now == "Paused") {
            const Json content = job.value("Content", Json::object());
            throw Error(OrthancPluginErrorCode_BadRequest,
                        "job " + id + ": " + content.value("ErrorDetails", "it was stopped"));
        }
        std::this_thread::sleep_for(LOOK_AT_JOB);
    }
    throw Error(OrthancPluginErrorCode_CanceledJob,
                "job " + id + ": Orthanc stops. It goes on with the next start.");
}

} // namespace

void move_storage(const Request &request, Response &response) {
    if (request.method() != OrthancPluginHttpMethod_Post) {
        response.not_allowed("POST");
        return;
    }
    const Json body = request.json();
    Move move = move_of(body);
    const Json priority = body.value("Priority", Json(0));
    const bool later =
        body.value("Asynchronous", Json(false)) == true || body.value("Synchronous", Json(true)) == false;
    const std::string id = submit(std::make_unique<Moving>(std::move(move)),
                                  priority.is_number_integer() ? priority.get<int>() : 0);
    if (later) {
        response.json({{"ID", id}, {"Path", "/jobs/" + id}});
    } else {
        answer_when_done(id, response);
    }
}

std::unique_ptr<Job> restored_move(const std::string &type, const std::string &saved) {
    if (type != MOVE_STORAGE) {
        return nullptr;
    }
    const Json value = parsed(saved, "a saved job");
    Move move;
    move.resources = value.value("ResourcesToMove", Json::object());
    move.target = value.at("TargetStorageId").get<std::string>();
    // The official plugin saves the instances.
    for (const Json &id : value.value("Instances", Json::array())) {
        move.items.push_back("instances/" + id.get<std::string>());
    }
    for (const Json &item : value.value("Items", Json::array())) {
        move.items.push_back(item.get<std::string>());
    }
    return std::make_unique<Moving>(std::move(move));
}

} // namespace orthanc_images::advanced
