#include "framework/instances.h"

#include <nlohmann/json.hpp>

template nlohmann::basic_json<>::basic_json(const basic_json &);
template nlohmann::basic_json<>::basic_json(initializer_list_t, bool, value_t);
template void nlohmann::basic_json<>::json_value::destroy(value_t);
template class nlohmann::detail::serializer<nlohmann::json>;
template class nlohmann::detail::lexer<nlohmann::json,
                                       nlohmann::detail::iterator_input_adapter<const char *>>;
template class nlohmann::detail::parser<nlohmann::json,
                                        nlohmann::detail::iterator_input_adapter<const char *>>;
