#include "framework/errors.h"
#include "transfers/transfer.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace orthanc_images::transfers {

namespace {

class Pull : public Transfer {
  public:
    using Transfer::Transfer;

    Pull(const Pull &) = delete;
    Pull &operator=(const Pull &) = delete;

    ~Pull() override {
        halt();
    }

    const char *type() const noexcept override {
        return "PullTransfer";
    }

  protected:
    const char *moved_name() const noexcept override {
        return "DownloadedSizeMB";
    }

    std::vector<Instance> list() override {
        const std::string body = written(query().resources);
        const Told told = ask({.method = OrthancPluginHttpMethod_Post,
                               .path = "/transfers/lookup",
                               .body = body,
                               .headers = {{"Content-Type", "application/json"}}});
        const Json answer = parsed(told.body, "peer \"" + query().peer + "\": its answer");
        if (!answer.is_object() || !answer.contains("Instances") || !answer.contains("Originator")) {
            throw Error(OrthancPluginErrorCode_NetworkProtocol,
                        "peer \"" + query().peer + "\": it lists no instances. See that it has the plugin.");
        }
        if (query().originator && answer.at("Originator") != *query().originator) {
            throw Error(OrthancPluginErrorCode_NetworkProtocol,
                        "peer \"" + query().peer +
                            "\": it is not the server that asked for this. Correct RemoteSelf over there: "
                            "it must be the name that the server has here.");
        }
        std::vector<Instance> instances = instances_of(answer.at("Instances"));
        std::ranges::sort(instances, {}, &Instance::id);
        return instances;
    }

    std::vector<Bucket> begin(const std::vector<Instance> &instances) override {
        std::vector<Bucket> buckets = plan(instances, settings().bucket, peer().url());
        reception_ = std::make_unique<Reception>(instances, buckets, settings().folder);
        return buckets;
    }

    std::uint64_t move(std::size_t number, const Bucket &bucket, const std::stop_token &stopping) override {
        const std::uint64_t size = total(bucket);
        const Told told = ask({.path = chunks_path(bucket, query().gzip),
                               // What cannot be compressed gets a little larger.
                               .most = query().gzip ? size + size / 100 + 1024 : size,
                               .stopping = stopping});
        reception_->receive(number, told.body, query().gzip);
        return told.body.size();
    }

    void complete(const std::stop_token &stopping) override {
        reception_->check();
        reception_->store(settings().commit_threads, stopping);
        reception_.reset();
    }

    void abandon() override {
        reception_.reset();
    }

  private:
    std::unique_ptr<Reception> reception_;
};

} // namespace

std::unique_ptr<Job> pull(const Settings &settings, Query query) {
    return std::make_unique<Pull>(settings, std::move(query));
}

} // namespace orthanc_images::transfers
