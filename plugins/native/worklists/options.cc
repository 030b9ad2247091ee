#include "worklists/options.h"

#include "framework/errors.h"
#include "framework/log.h"

namespace orthanc_images::worklists {

namespace {

// A year, in hours and in seconds.
constexpr Range HOURS{0, 366LL * 24};
constexpr Range SECONDS{1, 366LL * 24 * 3600};

} // namespace

Options options_of(const Configuration &section, const Configuration &whole) {
    Options options;
    options.enabled = section.flag("Enable", false);
    if (!options.enabled) {
        return options;
    }
    if (!section.flag("SaveInOrthancDatabase", false)) {
        options.folder = section.text("Directory", "");
        if (options.folder.empty()) {
            options.folder = section.text("Database", "");
        }
        if (options.folder.empty()) {
            throw Error(OrthancPluginErrorCode_BadParameterType,
                        "Worklists.Directory: is missing. Give it the folder of the worklist files, or set "
                        "Worklists.SaveInOrthancDatabase to true.");
        }
    }
    options.filter_by_caller = section.flag("FilterIssuerAet", false);
    options.limit = section.integer("LimitAnswers", {}, 0);
    options.set_study = section.flag("SetStudyInstanceUidIfMissing", true);
    options.remove_with_study = section.flag("DeleteWorklistsOnStableStudy", true);
    options.interval = std::chrono::seconds(section.integer("HousekeepingInterval", SECONDS, 60));
    options.age = std::chrono::hours(section.integer("DeleteWorklistsDelay", HOURS, 0));
    options.log_matches = section.flag("LogMatchedWorklistIds", false);
    options.case_sensitive_names = whole.flag("CaseSensitivePN", false);
    if (options.age.count() > 0 && !options.folder.empty()) {
        log_warning("Worklists.DeleteWorklistsDelay: has no effect on the files of a folder. Set "
                    "Worklists.SaveInOrthancDatabase to true, or take it away.");
        options.age = std::chrono::hours(0);
    }
    return options;
}

} // namespace orthanc_images::worklists
