// Means with their intervals, for the tables.
#pragma once

#include <string>
#include <vector>

#include "deepq/stats/bootstrap.h"

namespace deepq::lab {

// "12.3 [11, 13.5]": the mean over seeds and its 95% interval. Values that are not finite are left out and counted:
// "12.3 [11, 13.5] (8 of 10)"; "–" when fewer than two are left.
std::string mean_text(const std::vector<double>& values);

// The mean alone: "12.3", "almost 0" below a thousandth. For sentences whose numbers stand with their intervals
// elsewhere on the page.
std::string plain_mean(const std::vector<double>& values);

std::string iqm_text(const std::vector<double>& values);  // the same of the interquartile mean

// The text, with " (8 of 10)" where so many of the values are finite.
std::string counted(const std::string& text, const std::vector<double>& values);

std::string interval_text(const stats::Interval& interval);

std::vector<double> finite_values(const std::vector<double>& values);

// mean_interval of the finite values; all NaN when fewer than two are left.
stats::Interval finite_mean(const std::vector<double>& values);

}  // namespace deepq::lab
