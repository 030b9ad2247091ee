#include "worklists/store.h"

#include "framework/errors.h"
#include "framework/json.h"
#include "framework/log.h"
#include "framework/memory.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <sstream>

namespace orthanc_images::worklists {

namespace {

namespace files = std::filesystem;

// The largest file that is taken for a worklist.
constexpr std::uintmax_t LARGEST = 64U << 20U;

constexpr char DIGITS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::string encoded(std::string_view bytes) {
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
        std::uint32_t group = 0;
        for (std::size_t j = 0; j < 3; ++j) {
            group = (group << 8U) | (j < count ? static_cast<unsigned char>(bytes[i + j]) : 0U);
        }
        for (std::size_t j = 0; j < 4; ++j) {
            text += j <= count ? DIGITS[(group >> (18U - 6U * j)) & 63U] : '=';
        }
    }
    return text;
}

std::string decoded(std::string_view text) {
    std::string bytes;
    std::uint32_t group = 0;
    unsigned int bits = 0;
    for (const char one : text) {
        const std::size_t digit = std::string_view(DIGITS, 64).find(one);
        if (digit == std::string_view::npos) {
            break;
        }
        group = (group << 6U) | static_cast<std::uint32_t>(digit);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            bytes += static_cast<char>((group >> bits) & 255U);
        }
    }
    return bytes;
}

class Folder : public Store {
  public:
    explicit Folder(const std::string &folder) : folder_(folder) {}

    std::vector<Worklist> all() const override {
        std::vector<Worklist> found;
        std::error_code error;
        files::directory_iterator at(folder_, error);
        for (; !error && at != files::directory_iterator(); at.increment(error)) {
            std::string ending = at->path().extension().string();
            std::ranges::transform(ending, ending.begin(),
                                   [](unsigned char one) { return static_cast<char>(std::tolower(one)); });
            if (ending == ".wl") {
                if (auto one = read(at->path())) {
                    found.push_back(std::move(*one));
                }
            }
        }
        if (error) {
            throw Error(OrthancPluginErrorCode_DirectoryExpected,
                        "Worklists.Directory: the folder " + folder_.string() + " cannot be read (" +
                            error.message() + "). Create it, or let Orthanc's user read it.");
        }
        std::ranges::sort(found, {}, &Worklist::id);
        return found;
    }

    std::optional<Worklist> find(const std::string &id) const override {
        const auto path = path_of(id);
        return path.empty() ? std::nullopt : read(path);
    }

    void save(const Worklist &worklist) override {
        const auto path = path_of(worklist.id);
        if (path.empty()) {
            throw Error(OrthancPluginErrorCode_ParameterOutOfRange,
                        "a worklist cannot have the identifier \"" + worklist.id + "\".");
        }
        // A query must never see half a file.
        const std::scoped_lock locked(writing_);
        const files::path half = path.string() + ".part";
        std::ofstream file(half, std::ios::binary | std::ios::trunc);
        file.write(worklist.dicom.data(), static_cast<std::streamsize>(worklist.dicom.size()));
        file.close();
        std::error_code error(errno, std::generic_category());
        if (file) {
            files::rename(half, path, error);
        }
        if (!file || error) {
            std::error_code ignored;
            files::remove(half, ignored);
            throw Error(OrthancPluginErrorCode_CannotWriteFile, "Worklists.Directory: " + path.string() +
                                                                    " cannot be written (" + error.message() +
                                                                    "). Let Orthanc's user write there.");
        }
    }

    bool remove(const std::string &id) override {
        const auto path = path_of(id);
        if (path.empty()) {
            return false;
        }
        std::error_code error;
        const bool removed = files::remove(path, error);
        if (error) {
            throw Error(OrthancPluginErrorCode_CannotWriteFile, "Worklists.Directory: " + path.string() +
                                                                    " cannot be removed (" + error.message() +
                                                                    "). Let Orthanc's user write there.");
        }
        return removed;
    }

  private:
    // Returns the file of an identifier; nothing when no file could have it.
    files::path path_of(const std::string &id) const {
        if (id.empty() || id.find('/') != std::string::npos || id.find('\0') != std::string::npos) {
            return {};
        }
        std::error_code error;
        for (const char *ending : {".wl", ".WL", ".Wl", ".wL"}) {
            files::path path = folder_ / (id + ending);
            if (files::is_regular_file(path, error)) {
                return path;
            }
        }
        return folder_ / (id + ".wl");
    }

    static std::optional<Worklist> read(const files::path &path) {
        std::error_code error;
        if (!files::is_regular_file(path, error)) {
            return {};
        }
        if (files::file_size(path, error) > LARGEST) {
            log_warning(path.string() + ": is larger than 64 MiB, and no worklist. Take it away.");
            return {};
        }
        const std::ifstream file(path, std::ios::binary);
        std::ostringstream content;
        content << file.rdbuf();
        if (!file) {
            // It may have gone since the folder was listed.
            if (files::exists(path, error)) {
                log_warning(path.string() + ": cannot be read. Let Orthanc's user read it.");
            }
            return {};
        }
        return Worklist{path.stem().string(), content.str(), {}};
    }

    files::path folder_;
    std::mutex writing_;
};

void check_kept(OrthancPluginErrorCode code) {
    if (code != OrthancPluginErrorCode_Success) {
        throw Error(code,
                    std::string("Worklists.SaveInOrthancDatabase: the index does not keep worklists (") +
                        OrthancPluginGetErrorDescription(host(), code) +
                        "). Take a database with key-value stores, or keep them in a folder.");
    }
}

struct FreeIterator {
    void operator()(OrthancPluginKeysValuesIterator *iterator) const noexcept {
        OrthancPluginFreeKeysValuesIterator(host(), iterator);
    }
};

class Index : public Store {
  public:
    std::vector<Worklist> all() const override {
        const std::unique_ptr<OrthancPluginKeysValuesIterator, FreeIterator> at(
            OrthancPluginCreateKeysValuesIterator(host(), STORE));
        if (at == nullptr) {
            check_kept(OrthancPluginErrorCode_NotImplemented);
        }
        std::vector<Worklist> found;
        for (;;) {
            // The SDK says the reverse of what Orthanc does: this is whether there is one more.
            std::uint8_t more = 0;
            check_kept(OrthancPluginKeysValuesIteratorNext(host(), &more, at.get()));
            if (more == 0) {
                return found;
            }
            const char *id = OrthancPluginKeysValuesIteratorGetKey(host(), at.get());
            Buffer value;
            check_kept(OrthancPluginKeysValuesIteratorGetValue(host(), value.target(), at.get()));
            if (auto one = read(id == nullptr ? "" : id, value.bytes())) {
                found.push_back(std::move(*one));
            }
        }
    }

    std::optional<Worklist> find(const std::string &id) const override {
        std::uint8_t there = 0;
        Buffer value;
        check_kept(OrthancPluginGetKeyValue(host(), &there, value.target(), STORE, id.c_str()));
        return there == 0 ? std::nullopt : read(id, value.bytes());
    }

    void save(const Worklist &worklist) override {
        const std::string value =
            written({{"CreatedAt", worklist.created}, {"Dicom", encoded(worklist.dicom)}});
        check_kept(OrthancPluginStoreKeyValue(host(), STORE, worklist.id.c_str(), value.data(),
                                              static_cast<std::uint32_t>(value.size())));
    }

    bool remove(const std::string &id) override {
        std::uint8_t there = 0;
        Buffer value;
        check_kept(OrthancPluginGetKeyValue(host(), &there, value.target(), STORE, id.c_str()));
        if (there != 0) {
            check_kept(OrthancPluginDeleteKeyValue(host(), STORE, id.c_str()));
        }
        return there != 0;
    }

  private:
    static constexpr char STORE[] = "worklists";

    static std::optional<Worklist> read(const std::string &id, std::string_view value) {
        const Json content = Json::parse(value, nullptr, false);
        const auto text = [&](const char *name) {
            const auto found = content.is_object() ? content.find(name) : content.end();
            return found != content.end() && found->is_string() ? found->get<std::string>() : std::string();
        };
        std::string dicom = decoded(text("Dicom"));
        if (dicom.empty()) {
            log_warning("the worklist " + id + " in the index has no content. Delete it.");
            return {};
        }
        return Worklist{id, std::move(dicom), text("CreatedAt")};
    }
};

} // namespace

std::unique_ptr<Store> folder_store(const std::string &folder) {
    return std::make_unique<Folder>(folder);
}

std::unique_ptr<Store> index_store() {
    return std::make_unique<Index>();
}

} // namespace orthanc_images::worklists
