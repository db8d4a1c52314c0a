// Tables of other programs as text: fields, names in any case, numbers in either notation.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace deepq::compare {

// Without a byte-order mark. Throws deepq::Error for UTF-16.
std::string_view csv_text(std::string_view text, const std::string& source);

// A field in quotes may hold separators; a doubled quote in it is one. Blanks around a field do not count.
std::vector<std::string> csv_fields(std::string_view line, char separator);

std::string lower_case(std::string text);

// Where no comma separates, one is a decimal point. Throws deepq::Error, "WHERE: NAME is 'x'; ...".
double csv_number(const std::string& field, char separator, const std::string& where, const std::string& name);

}  // namespace deepq::compare
