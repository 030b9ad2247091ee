#include "database/index/audit.h"

#include "framework/errors.h"
#include "framework/host.h"
#include "framework/http.h"
#include "framework/log.h"

#include <nlohmann/json.hpp>

#include <array>
#include <charconv>
#include <chrono>
#include <format>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <thread>
#include <utility>
#include <vector>

namespace orthanc_images::database {

namespace {

using namespace std::chrono_literals;

// For how long a log that cannot be kept is tried again; whoever reports it waits.
constexpr auto PATIENCE = 10s;

// What is open. Those who use it share the lock, so that it cannot end meanwhile.
struct Open {
    std::shared_mutex mutex;
    std::unique_ptr<AuditLogs> logs;
    bool read_only = false;
};

Open &opened() noexcept {
    static Open open;
    return open;
}

[[noreturn]] void refuse(const std::string &where, const std::string &what) {
    throw Error(OrthancPluginErrorCode_ParameterOutOfRange, where + ": " + what);
}

std::string base64(std::string_view bytes) {
    constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::string_view three = bytes.substr(i, 3);
        std::uint32_t bits = 0;
        for (std::size_t j = 0; j < 3; ++j) {
            bits = bits << 8U | (j < three.size() ? static_cast<unsigned char>(three[j]) : 0U);
        }
        for (std::size_t j = 0; j < 4; ++j) {
            text += j <= three.size() ? letters[bits >> (18 - 6 * j) & 63U] : '=';
        }
    }
    return text;
}

std::string level(std::int64_t resource_type) {
    constexpr std::array<const char *, 5> names{"Patient", "Study", "Series", "Instance", "None"};
    if (resource_type < 0 || std::cmp_greater_equal(resource_type, names.size())) {
        return "None";
    }
    return names.at(static_cast<std::size_t>(resource_type));
}

Json described(const Result &row, std::size_t number, bool as_json) {
    Json log{{"SourcePlugin", row.text(number, 1)}, {"Timestamp", instant(row.integer(number, 0))},
             {"UserId", row.text(number, 2)},       {"ResourceType", level(row.integer(number, 3))},
             {"ResourceId", row.text(number, 4)},   {"Action", row.text(number, 5)}};
    const std::string_view data = row.text(number, 6);
    if (!as_json) {
        log["Base64LogData"] = base64(data);
        return log;
    }
    Json value = data.empty() ? Json() : Json::parse(data, nullptr, false);
    if (value.is_discarded()) {
        log["Base64LogData"] = base64(data);
    } else {
        log["JsonLogData"] = std::move(value);
    }
    return log;
}

// What is left of a text that is read from its beginning.
class Reader {
  public:
    Reader(std::string_view text, const std::string &where) : text_(text), rest_(text), where_(where) {}

    [[noreturn]] void fail() const {
        refuse(where_, "'" + std::string(text_) +
                           "' is no time with a zone in ISO 8601. Write it as 2026-11-28T18:30:00.000Z.");
    }

    // A number of exactly so many digits.
    int digits(std::size_t count) {
        int value = 0;
        for (std::size_t i = 0; i < count; ++i) {
            if (!digit()) {
                fail();
            }
            value = value * 10 + (rest_.front() - '0');
            rest_.remove_prefix(1);
        }
        return value;
    }

    bool skip(std::string_view letters) {
        if (rest_.empty() || letters.find(rest_.front()) == std::string_view::npos) {
            return false;
        }
        rest_.remove_prefix(1);
        return true;
    }

    void expect(std::string_view letters) {
        if (!skip(letters)) {
            fail();
        }
    }

    bool next(char letter) const noexcept {
        return !rest_.empty() && rest_.front() == letter;
    }

    bool digit() const noexcept {
        return !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9';
    }

    bool done() const noexcept {
        return rest_.empty();
    }

  private:
    std::string_view text_;
    std::string_view rest_;
    const std::string &where_;
};

std::chrono::microseconds fraction(Reader &reader) {
    std::chrono::microseconds part = 0us;
    if (reader.skip(".,")) {
        if (!reader.digit()) {
            reader.fail();
        }
        for (std::int64_t weight = 100000; reader.digit(); weight /= 10) {
            part += std::chrono::microseconds(weight * reader.digits(1));
        }
    }
    return part;
}

// The difference to UTC. The plus sign of an address that was not encoded arrives as a blank.
std::chrono::minutes zone(Reader &reader) {
    if (reader.skip("Zz")) {
        return 0min;
    }
    const bool west = reader.next('-');
    reader.expect("+- ");
    const std::chrono::hours hours(reader.digits(2));
    std::chrono::minutes minutes = 0min;
    if (reader.skip(":") || !reader.done()) {
        minutes = std::chrono::minutes(reader.digits(2));
    }
    return west ? -(hours + minutes) : hours + minutes;
}

std::int64_t count_of(std::string_view text, const std::string &where) {
    std::int64_t value = 0;
    const auto [stop, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem != std::errc() || stop != text.data() + text.size() || value < 0) {
        refuse(where, "'" + std::string(text) + "' is no whole number from 0 on.");
    }
    return value;
}

AuditQuery asked(const Request &request) {
    AuditQuery query;
    query.user = request.argument("user-id");
    query.resource = request.argument("resource-id");
    query.action = request.argument("action");
    if (const auto from = request.argument("from-timestamp")) {
        query.from = microseconds(*from, "from-timestamp");
    }
    if (const auto to = request.argument("to-timestamp")) {
        query.to = microseconds(*to, "to-timestamp");
    }
    if (const auto since = request.argument("since")) {
        query.since = count_of(*since, "since");
    }
    if (const auto limit = request.argument("limit")) {
        const std::int64_t most = count_of(*limit, "limit");
        query.limit = most == 0 ? INT64_MAX : most;
    }
    const std::string_view format = request.argument("log-data-format").value_or("base64");
    if (format != "base64" && format != "json") {
        refuse("log-data-format", "'" + std::string(format) + "' is unknown. Write base64 or json.");
    }
    query.json = format == "json";
    return query;
}

void answer(const Request &request, Response &response) {
    if (request.method() != OrthancPluginHttpMethod_Get) {
        response.not_allowed("GET");
        return;
    }
    const AuditQuery query = asked(request);
    const std::shared_lock lock(opened().mutex);
    if (opened().logs == nullptr) {
        throw Error(OrthancPluginErrorCode_DatabaseUnavailable,
                    "audit logs: the index is not open. Try again later.");
    }
    response.json(opened().logs->find(query));
}

std::string_view text_of(const char *text) noexcept {
    return text == nullptr ? std::string_view() : std::string_view(text);
}

std::int64_t microseconds_now() {
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::microseconds>(since).count();
}

void keep(const AuditLog &entry) {
    const std::shared_lock lock(opened().mutex);
    if (opened().logs == nullptr) {
        throw Error(OrthancPluginErrorCode_DatabaseUnavailable, "the index is not open");
    }
    if (opened().read_only) {
        throw Error(OrthancPluginErrorCode_Database, "Orthanc is read-only");
    }
    opened().logs->add(entry);
}

OrthancPluginErrorCode handle(const char *source, const char *user, OrthancPluginResourceType type,
                              const char *resource, const char *action, const void *data,
                              std::uint32_t size) noexcept {
    const AuditLog entry{.time = microseconds_now(),
                         .source = text_of(source),
                         .user = text_of(user),
                         .resource_type = type,
                         .resource = text_of(resource),
                         .action = text_of(action),
                         .data = {static_cast<const char *>(data), size}};
    try {
        keep(entry);
        return OrthancPluginErrorCode_Success;
    } catch (...) {
        // The log is the last place that can keep it.
        const Failure failure = current_failure();
        guarded([&] {
            log_error("audit log not kept (" + failure.details + "): " + std::string(entry.source) +
                      ", user '" + std::string(entry.user) + "', action '" + std::string(entry.action) +
                      "', " + level(entry.resource_type) + " " + std::string(entry.resource) + ", " +
                      instant(entry.time));
        });
        return failure.code;
    }
}

} // namespace

std::int64_t microseconds(std::string_view time, const std::string &where) {
    Reader reader(time, where);
    const std::chrono::year year(reader.digits(4));
    reader.expect("-");
    const auto month = static_cast<unsigned>(reader.digits(2));
    reader.expect("-");
    const auto day = static_cast<unsigned>(reader.digits(2));
    reader.expect("T ");
    const std::chrono::hours hours(reader.digits(2));
    reader.expect(":");
    const std::chrono::minutes minutes(reader.digits(2));
    const std::chrono::seconds seconds(reader.skip(":") ? reader.digits(2) : 0);
    const std::chrono::microseconds part = fraction(reader);
    const std::chrono::minutes offset = zone(reader);
    const std::chrono::year_month_day date(year, std::chrono::month(month), std::chrono::day(day));
    if (!reader.done() || !date.ok() || hours > 23h || minutes > 59min || seconds > 60s) {
        reader.fail();
    }
    const std::chrono::sys_days days(date);
    return (days.time_since_epoch() + hours + minutes + seconds + part - offset) / 1us;
}

std::string instant(std::int64_t microseconds) {
    const std::chrono::sys_time<std::chrono::microseconds> time{std::chrono::microseconds(microseconds)};
    return std::format("{:%FT%TZ}", std::chrono::floor<std::chrono::milliseconds>(time));
}

AuditLogs::AuditLogs(SchemaKind schema, Pool &pool)
    : statements_(schema, pool.take()->dialect(), "audit"), pool_(pool) {}

void AuditLogs::install() {
    if (!statements_.has("audit-install")) {
        return;
    }
    const auto connection = pool_.take();
    const auto found = connection->query(statements_["audit-installed"]);
    if (found->rows() == 0 || found->integer(0, 0) == 0) {
        connection->script(statements_["audit-install"]);
        if (statements_.has("audit-index")) {
            connection->script(statements_["audit-index"]);
        }
    }
}

void AuditLogs::add(const AuditLog &entry) {
    const Parameter data = entry.data.empty() ? Parameter() : Parameter(Bytes{entry.data});
    const auto end = std::chrono::steady_clock::now() + PATIENCE;
    for (int attempt = 1;; ++attempt) {
        try {
            const auto connection = pool_.take();
            connection->change(statements_["audit-add"],
                               {entry.time, entry.source, entry.user, entry.resource_type, entry.resource,
                                entry.action, data});
            return;
        } catch (const Error &error) {
            if ((error.code() != OrthancPluginErrorCode_DatabaseUnavailable &&
                 error.code() != OrthancPluginErrorCode_DatabaseCannotSerialize) ||
                std::chrono::steady_clock::now() >= end) {
                throw;
            }
        }
        std::this_thread::sleep_for(100ms * attempt);
    }
}

Json AuditLogs::find(const AuditQuery &query) {
    std::string statement = statements_["audit-find"];
    std::vector<Parameter> parameters;
    const auto demand = [&](std::string_view name, const auto &value) {
        if (value) {
            statement += (parameters.empty() ? " WHERE " : " AND ") + statements_[name];
            parameters.emplace_back(*value);
        }
    };
    demand("audit-user", query.user);
    demand("audit-resource", query.resource);
    demand("audit-action", query.action);
    demand("audit-from", query.from);
    demand("audit-to", query.to);
    statement += ' ' + statements_["audit-page"];
    parameters.emplace_back(query.since);
    parameters.emplace_back(query.limit);
    const auto connection = pool_.take();
    const auto rows = connection->query(statement, parameters);
    Json logs = Json::array();
    for (std::size_t row = 0; row < rows->rows(); ++row) {
        logs.push_back(described(*rows, row, query.json));
    }
    return logs;
}

void register_audit_logs(SchemaKind schema) {
    switch (schema) {
    case SchemaKind::postgresql:
        route<answer>("/plugins/postgresql/audit-logs");
        break;
    case SchemaKind::mysql:
        route<answer>("/plugins/mysql/audit-logs");
        break;
    case SchemaKind::odbc:
        route<answer>("/plugins/odbc/audit-logs");
        break;
    }
    if (OrthancPluginRegisterAuditLogHandler(host(), handle) != OrthancPluginErrorCode_Success) {
        throw Error(OrthancPluginErrorCode_Plugin,
                    "Orthanc does not take a handler of audit logs. See its log.");
    }
}

void open_audit_logs(SchemaKind schema, Pool &pool, bool read_only) {
    auto logs = std::make_unique<AuditLogs>(schema, pool);
    if (!read_only) {
        logs->install();
    }
    const std::unique_lock lock(opened().mutex);
    opened().logs = std::move(logs);
    opened().read_only = read_only;
}

void close_audit_logs() noexcept {
    const std::unique_lock lock(opened().mutex);
    opened().logs.reset();
}

} // namespace orthanc_images::database
