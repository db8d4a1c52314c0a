// What many experiments draw: the curves of several settings in one chart, and their means as rows of intervals.
#pragma once

#include <string>
#include <vector>

#include "deepq/lab/experiment.h"

namespace deepq::lab {

struct Line {
  std::string setting, label;
};

struct Axes {
  std::string y, x = "environment step";  // their titles
};

// The mean over seeds of each setting's curve `curve`, with its band. All x are alike.
page::ChartBuilder lines_chart(const Results& results, const std::string& curve, const std::string& title,
                               const std::vector<Line>& lines, const Axes& axes);

// More of them, of another curve, into the same chart.
void add_lines(page::ChartBuilder& chart, const Results& results, const std::string& curve,
               const std::vector<Line>& lines);

// What a small chart shows: of which curve, in which units, and the line that all others are held against.
struct MultiplesPlan {
  std::string curve, title;
  Line reference;
  std::vector<Line> lines;  // the reference among them is left out
  Axes axes;
  bool log_y = false;
  bool own_scales = false;  // where one line would make all others flat
};

// Each line in a small chart of its own, with its band, beside the reference in grey; all on one scale but for
// own_scales.
Multiples multiples(const Results& results, const MultiplesPlan& plan);

// The mean over seeds of each setting's value `value`; none where it has no interval (see finite_mean).
std::vector<page::IntervalRow> mean_rows(const Results& results, const std::string& value,
                                         const std::vector<Line>& lines);

// The finite values of a curve's later half, and their mean, NaN without any: of what is low at first for all.
std::vector<double> later_half(const Curve& curve);
double later_mean(const Curve& curve);

// `points` evenly spread x up to `total`, y all NaN: a curve to fill in, of the same length even when a run diverges.
Curve empty_curve(int64_t total, int64_t points);

}  // namespace deepq::lab
