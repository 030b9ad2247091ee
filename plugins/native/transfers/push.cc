#include "framework/errors.h"
#include "transfers/codec.h"
#include "transfers/transfer.h"

#include <utility>

namespace orthanc_images::transfers {

namespace {

class Push : public Transfer {
  public:
    Push(const Settings &settings, Files &files, Query query, std::optional<std::vector<Instance>> known)
        : Transfer(settings, std::move(query)), files_(files) {
        if (known) {
            instances(std::move(*known));
        }
    }

    Push(const Push &) = delete;
    Push &operator=(const Push &) = delete;

    ~Push() override {
        halt();
    }

    const char *type() const noexcept override {
        return "PushTransfer";
    }

  protected:
    const char *moved_name() const noexcept override {
        return "UploadedSizeMB";
    }

    std::vector<Instance> list() override {
        return files_.instances(query().resources);
    }

    std::vector<Bucket> begin(const std::vector<Instance> &instances) override {
        std::vector<Bucket> buckets = plan(instances, settings().bucket);
        const std::string body = written({{"Instances", described(instances)},
                                          {"Buckets", described(buckets)},
                                          {"Compression", query().gzip ? "gzip" : "none"}});
        const Told told = ask({.method = OrthancPluginHttpMethod_Post,
                               .path = "/transfers/push",
                               .body = body,
                               .headers = {{"Content-Type", "application/json"}},
                               .timeout = settings().commit_timeout,
                               .most = SHORT});
        const Json answer = parsed(told.body, "peer \"" + query().peer + "\": its answer");
        const std::string id = answer.is_object() ? answer.value("ID", "") : "";
        if (!is_identifier(id)) {
            throw Error(OrthancPluginErrorCode_NetworkProtocol,
                        "peer \"" + query().peer + "\": it names no transfer. See that it has the plugin.");
        }
        path_ = "/transfers/push/" + id;
        cookies(told.cookies);
        return buckets;
    }

    std::uint64_t move(std::size_t number, const Bucket &bucket, const std::stop_token &stopping) override {
        std::string content;
        content.reserve(total(bucket));
        files_.append(bucket, content);
        if (query().gzip) {
            content = compressed(content);
        }
        ask({.method = OrthancPluginHttpMethod_Put,
             .path = path_ + "/" + std::to_string(number),
             .body = content,
             .headers = {{"Content-Type", "application/octet-stream"}},
             .most = SHORT,
             .stopping = stopping});
        return content.size();
    }

    void complete(const std::stop_token &stopping) override {
        ask({.method = OrthancPluginHttpMethod_Post,
             .path = path_ + "/commit",
             .headers = {{"Content-Type", "application/json"}},
             .timeout = settings().commit_timeout,
             .most = SHORT,
             .stopping = stopping});
    }

    void abandon() override {
        ask({.method = OrthancPluginHttpMethod_Delete, .path = path_, .most = SHORT});
    }

  private:
    Files &files_;
    std::string path_;
};

} // namespace

std::unique_ptr<Job> push(const Settings &settings, Files &files, Query query,
                          std::optional<std::vector<Instance>> instances) {
    return std::make_unique<Push>(settings, files, std::move(query), std::move(instances));
}

} // namespace orthanc_images::transfers
