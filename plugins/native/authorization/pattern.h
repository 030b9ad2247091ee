// Regular expressions in Perl's syntax, as the tables of permissions have them.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace orthanc_images::authorization {

// An expression. It is not changed by use: several threads may use it at once.
class Pattern {
  public:
    // An Error that begins with `where` when the text is no expression.
    Pattern(const std::string &text, const std::string &where);

    // Tells whether the whole text is what the expression describes. An Error when that takes more steps than
    // a path is worth.
    bool fits(std::string_view text) const;

    // The same, and what each group of the expression stands for, from the first; empty when it does not fit.
    std::vector<std::string> groups(std::string_view text) const;

  private:
    struct Release {
        void operator()(void *code) const noexcept;
    };

    std::unique_ptr<void, Release> code_;

    // What every text begins with that fits; most texts need not be looked at any further.
    std::string begin_;
};

} // namespace orthanc_images::authorization
