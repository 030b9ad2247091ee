#include "advanced/stores.h"

#include "framework/errors.h"
#include "framework/memory.h"

#include <memory>
#include <string_view>

namespace orthanc_images::advanced {

namespace {

void expect_success(OrthancPluginErrorCode code, const char *what) {
    if (code != OrthancPluginErrorCode_Success) {
        throw Error(code, std::string("Orthanc's index: ") + what + " failed (" +
                              OrthancPluginGetErrorDescription(host(), code) + ").");
    }
}

struct FreeIterator {
    void operator()(OrthancPluginKeysValuesIterator *one) const noexcept {
        OrthancPluginFreeKeysValuesIterator(host(), one);
    }
};

std::uint32_t size_of(std::string_view text) {
    return static_cast<std::uint32_t>(text.size());
}

} // namespace

std::optional<std::string> Store::get(const std::string &key) const {
    Buffer value;
    std::uint8_t found = 0;
    expect_success(OrthancPluginGetKeyValue(host(), &found, value.target(), name_, key.c_str()),
                   "reading a value");
    return found == 0 ? std::nullopt : std::optional(std::string(value.bytes()));
}

void Store::set(const std::string &key, const std::string &value) const {
    expect_success(OrthancPluginStoreKeyValue(host(), name_, key.c_str(), value.data(), size_of(value)),
                   "keeping a value");
}

void Store::drop(const std::string &key) const {
    expect_success(OrthancPluginDeleteKeyValue(host(), name_, key.c_str()), "deleting a value");
}

void Store::each(const std::function<bool(const std::string &, std::string_view)> &visit) const {
    const std::unique_ptr<OrthancPluginKeysValuesIterator, FreeIterator> all(
        OrthancPluginCreateKeysValuesIterator(host(), name_));
    if (all == nullptr) {
        throw Error(OrthancPluginErrorCode_Database, "Orthanc's index: reading values failed.");
    }
    while (true) {
        // The SDK describes it the other way round: it is set while there is a value.
        std::uint8_t more = 0;
        expect_success(OrthancPluginKeysValuesIteratorNext(host(), &more, all.get()), "reading values");
        if (more == 0) {
            return;
        }
        Buffer value;
        expect_success(OrthancPluginKeysValuesIteratorGetValue(host(), value.target(), all.get()),
                       "reading a value");
        const char *key = OrthancPluginKeysValuesIteratorGetKey(host(), all.get());
        if (key == nullptr || !visit(key, value.bytes())) {
            return;
        }
    }
}

void Queue::add(const std::string &value) const {
    expect_success(OrthancPluginEnqueueValue(host(), name_, value.data(), size_of(value)),
                   "adding to a queue");
}

std::optional<std::pair<std::string, std::uint64_t>> Queue::reserve(std::uint32_t seconds) const {
    Buffer value;
    std::uint8_t found = 0;
    std::uint64_t number = 0;
    expect_success(OrthancPluginReserveQueueValue(host(), &found, value.target(), &number, name_,
                                                  OrthancPluginQueueOrigin_Front, seconds),
                   "taking from a queue");
    if (found == 0) {
        return {};
    }
    return std::pair(std::string(value.bytes()), number);
}

void Queue::acknowledge(std::uint64_t number) const {
    expect_success(OrthancPluginAcknowledgeQueueValue(host(), name_, number), "deleting from a queue");
}

std::uint64_t Queue::size() const {
    std::uint64_t size = 0;
    expect_success(OrthancPluginGetQueueSize(host(), name_, &size), "counting a queue");
    return size;
}

std::optional<std::string> custom_data_of(const std::string &uuid) {
    Buffer value;
    if (OrthancPluginGetAttachmentCustomData(host(), value.target(), uuid.c_str()) !=
        OrthancPluginErrorCode_Success) {
        return {};
    }
    return std::string(value.bytes());
}

void set_custom_data_of(const std::string &uuid, const std::string &value) {
    expect_success(OrthancPluginSetAttachmentCustomData(host(), uuid.c_str(), value.data(), size_of(value)),
                   "keeping where a file is");
}

} // namespace orthanc_images::advanced
