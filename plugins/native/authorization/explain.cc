// The program behind `config authorization`, and behind the check of a configuration: what the plugin makes
// of its settings, without Orthanc and without asking anybody.
//
//   authorization-explain [METHOD PATH] < configuration
//
// Writes one line of JSON: what explained.h says, {"wrong": …} without arguments, or {"error": …}.
#include "authorization/explained.h"

#include "framework/host.h"

#include <nlohmann/json.hpp>

#include <cstdlib>
#include <exception>
#include <iostream>
#include <iterator>
#include <span>
#include <string>

namespace orthanc_images {

const Identity identity{"authorization-explain", "1.0", "Says what the plugin Authorization would do."};

namespace {

constexpr int exit_usage = 64;

Json said(std::span<char *> arguments) {
    try {
        const std::string text{std::istreambuf_iterator<char>(std::cin), {}};
        const Json configuration = parsed(text, "The configuration");
        if (arguments.size() == 3) {
            return authorization::explained(configuration, arguments[1], arguments[2]);
        }
        return {{"wrong", authorization::wrong_entries(configuration)}};
    } catch (const std::exception &error) {
        return {{"error", error.what()}};
    }
}

} // namespace

} // namespace orthanc_images

int main(int count, char **values) {
    const std::span<char *> arguments(values, static_cast<std::size_t>(count));
    if (arguments.size() != 1 && arguments.size() != 3) {
        std::cerr << "authorization-explain: no arguments, or a method and a path, are expected, and a "
                     "configuration on standard input.\n";
        return orthanc_images::exit_usage;
    }
    std::cout << orthanc_images::written(orthanc_images::said(arguments)) << '\n';
    return EXIT_SUCCESS;
}
