// Numbers and text as pages show them.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "deepq/stats/bootstrap.h"

namespace deepq::page {

// For element content and quoted attributes.
std::string escape_html(std::string_view text);

// With thousands separators: fixed_text(12345.67, 1) is "12,345.7". An en dash for NaN, "∞" for infinity.
std::string fixed_text(double value, int decimals);

// Four significant digits, for quantities of any size: "0.01234", "1.2e-07".
std::string short_text(double value);

// Three significant digits, for values beside their interval.
std::string brief_text(double value);

// "16.2 [3.43, 32.3]", so written; without an interval (low is NaN) the value alone.
std::string interval_text(const stats::Interval& interval);

// A return or another score as people read it: three significant digits at least, and one decimal to six: "0.0123",
// "8.26", "22.4", "1,234.5"; score_decimals() are its decimals.
std::string score_text(double value);
int score_decimals(double value);

// A place on an axis: whole numbers with separators, others like short_text.
std::string number_label(double value);

// As a POSIX shell takes it: in quotes where that is needed.
std::string shell_word(const std::string& word);

// With a capital letter first.
std::string capitalized(std::string text);

// The present moment in Greenwich, in strftime's words: utc_text("%Y-%m-%d").
std::string utc_text(const char* format);

// Replaces each {{key}} in one pass: what is put in is not looked at again. Every key of the text must be in `values`.
std::string fill_template(std::string_view text, const std::map<std::string, std::string>& values);

}  // namespace deepq::page
