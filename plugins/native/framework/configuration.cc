#include "framework/configuration.h"

#include "framework/errors.h"
#include "framework/memory.h"

#include <algorithm>
#include <utility>

namespace orthanc_images {

namespace {

// Returns what a value is, for a message; only numbers and booleans are shown.
std::string described(const Json &value) {
    switch (value.type()) {
    case Json::value_t::null:
        return "null";
    case Json::value_t::object:
        return "an object";
    case Json::value_t::array:
        return "a list";
    case Json::value_t::string:
        return "a text";
    default:
        return written(value);
    }
}

[[noreturn]] void refuse(const std::string &place, const std::string &what, const std::string &remedy) {
    throw Error(OrthancPluginErrorCode_BadParameterType, place + ": " + what + ". " + remedy);
}

} // namespace

Configuration Configuration::whole() {
    const Text text(OrthancPluginGetConfiguration(host()));
    if (text == nullptr) {
        throw Error(OrthancPluginErrorCode_Plugin, "Orthanc does not give its configuration. See its log.");
    }
    return {{}, parsed(text.get(), "Orthanc's configuration")};
}

Configuration Configuration::of(const std::string &section) {
    return whole().section(section);
}

Configuration::Configuration(std::string path, Json content)
    : path_(std::move(path)), content_(std::move(content)) {
    if (!content_.is_object()) {
        refuse(path_, "is " + described(content_), "Write an object with the settings.");
    }
}

bool Configuration::has(const std::string &name) const {
    return content_.contains(name);
}

std::string Configuration::text(const std::string &name, const std::optional<std::string> &otherwise) const {
    const std::string remedy = "Write a text.";
    const Json *value = found(name, otherwise.has_value(), remedy);
    if (value == nullptr) {
        return otherwise.value_or("");
    }
    if (!value->is_string()) {
        refuse(place(name), "is " + described(*value), remedy);
    }
    return value->get<std::string>();
}

std::int64_t Configuration::integer(const std::string &name, Range range,
                                    std::optional<std::int64_t> otherwise) const {
    const std::string remedy = "Write a whole number from " + std::to_string(range.least) +
                               (range.most == INT64_MAX ? " on." : " to " + std::to_string(range.most) + ".");
    const Json *value = found(name, otherwise.has_value(), remedy);
    if (value == nullptr) {
        return otherwise.value_or(0);
    }
    const bool fits =
        value->is_number_unsigned() ? value->get<std::uint64_t>() <= INT64_MAX : value->is_number_integer();
    if (!fits || value->get<std::int64_t>() < range.least || value->get<std::int64_t>() > range.most) {
        refuse(place(name), "is " + described(*value), remedy);
    }
    return value->get<std::int64_t>();
}

bool Configuration::flag(const std::string &name, std::optional<bool> otherwise) const {
    const std::string remedy = "Write true or false.";
    const Json *value = found(name, otherwise.has_value(), remedy);
    if (value == nullptr) {
        return otherwise.value_or(false);
    }
    if (!value->is_boolean()) {
        refuse(place(name), "is " + described(*value), remedy);
    }
    return value->get<bool>();
}

std::vector<std::string>
Configuration::texts(const std::string &name,
                     const std::optional<std::vector<std::string>> &otherwise) const {
    const std::string remedy = "Write a list of texts.";
    const Json *value = found(name, otherwise.has_value(), remedy);
    if (value == nullptr) {
        return otherwise.value_or(std::vector<std::string>());
    }
    if (!value->is_array()) {
        refuse(place(name), "is " + described(*value), remedy);
    }
    const auto strange = std::ranges::find_if(*value, [](const Json &one) { return !one.is_string(); });
    if (strange != value->end()) {
        refuse(place(name) + "[" + std::to_string(strange - value->begin()) + "]",
               "is " + described(*strange), "Write a text.");
    }
    return value->get<std::vector<std::string>>();
}

std::vector<std::string>
Configuration::one_or_more(const std::string &name,
                           const std::optional<std::vector<std::string>> &otherwise) const {
    const auto value = content_.find(name);
    if (value != content_.end() && value->is_string()) {
        return {value->get<std::string>()};
    }
    return texts(name, otherwise);
}

std::map<std::string, std::string> Configuration::table(const std::string &name) const {
    const Configuration inner = section(name);
    std::map<std::string, std::string> found;
    for (const auto &[key, value] : inner.content_.items()) {
        found[key] = inner.text(key);
    }
    return found;
}

Configuration Configuration::section(const std::string &name) const {
    const auto found = content_.find(name);
    return {place(name), found == content_.end() ? Json::object() : *found};
}

const Json *Configuration::found(const std::string &name, bool optional, const std::string &remedy) const {
    const auto value = content_.find(name);
    if (value != content_.end()) {
        return &*value;
    }
    if (!optional) {
        refuse(place(name), "is missing", remedy);
    }
    return nullptr;
}

std::string Configuration::place(const std::string &name) const {
    return path_.empty() ? name : path_ + "." + name;
}

} // namespace orthanc_images
