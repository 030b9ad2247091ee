// What most sources make of the templates of the library for JSON: made once (instances.cc) rather than in
// each of them. Precompiled with the headers that most of them include; where nothing is precompiled, each
// makes its own.
#pragma once

#include <nlohmann/json.hpp>

extern template nlohmann::basic_json<>::basic_json(const basic_json &);
extern template nlohmann::basic_json<>::basic_json(initializer_list_t, bool, value_t);
extern template void nlohmann::basic_json<>::json_value::destroy(value_t);
extern template class nlohmann::detail::serializer<nlohmann::json>;
extern template class nlohmann::detail::lexer<nlohmann::json,
                                              nlohmann::detail::iterator_input_adapter<const char *>>;
extern template class nlohmann::detail::parser<nlohmann::json,
                                               nlohmann::detail::iterator_input_adapter<const char *>>;
