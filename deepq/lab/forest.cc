#include "deepq/lab/forest.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "deepq/page/scale.h"
#include "deepq/page/text.h"

namespace deepq::lab {
namespace {

using page::brief_text;
using page::escape_html;

// Statements about one quantity, which share a scale.
struct Group {
  std::string quantity;
  double threshold;
  std::vector<const Check*> checks;
};

std::vector<Group> groups_of(const std::vector<Check>& checks) {
  std::vector<Group> groups;
  for (const Check& check : checks) {
    // Groups stand in the order of their first statements; one may be far from its own.
    const auto same = std::ranges::find_if(groups, [&](const Group& group) {
      return group.quantity == check.quantity && group.threshold == check.threshold;
    });
    if (same != groups.end())
      same->checks.push_back(&check);
    else
      groups.push_back({check.quantity, check.threshold, {&check}});
  }
  return groups;
}

// Reaches all intervals, and to both sides of the bound, so that there always is a claimed side to see.
page::Scale scale_of(const Group& group) {
  double farthest = 0;
  const auto reach = [&](double value) {
    if (std::isfinite(value)) farthest = std::max(farthest, std::abs(value - group.threshold));
  };
  page::Scale scale;
  for (const Check* check : group.checks) {
    for (const double value : {check->interval.value, check->interval.low, check->interval.high}) {
      reach(value);
      scale.take(value);
    }
  }
  // Where every interval is the bound itself there is nothing to reach: any width will do.
  const double aside = farthest > 0 ? farthest / 5 : 1;
  scale.take(group.threshold - aside);
  scale.take(group.threshold + aside);
  return scale;
}

std::string at(const page::Scale& scale, const char* what, double value) {
  return std::isfinite(value) ? "<i class=\"" + std::string(what) + "\" style=\"" + scale.left(value) + "\"></i>" : "";
}

std::string track_html(const Check& check, const page::Scale& scale) {
  const std::string bound = page::fixed_text(scale.percent(check.threshold), 2) + "%";
  std::string html = "<i class=\"claimed\" style=\"" +
                     (check.above ? "left:" + bound + ";right:-12px" : "left:-12px;width:calc(12px + " + bound + ")") +
                     "\"></i>";
  // Painted in this order: the claimed side, the bound, the interval, the dot above all.
  html += at(scale, "at", check.threshold);
  if (std::isfinite(check.interval.low) && std::isfinite(check.interval.high)) {
    const double width = scale.percent(check.interval.high) - scale.percent(check.interval.low);
    html += "<i class=\"span\" style=\"" + scale.left(check.interval.low) + ";width:" + page::fixed_text(width, 2) +
            "%\"></i>";
  }
  return html + at(scale, "dot", check.interval.value);
}

// "holds, p 0.0014", and what became of its seeds.
std::string answer_line(const Check& check, bool decided) {
  std::string text = decided ? answer_text(check.answer()) + ", p " + brief_text(check.adjusted_p) : "";
  const std::string seeds = check.seeds_text();
  return text + (text.empty() || seeds.empty() ? "" : "; ") + seeds;
}

std::string row_html(const Check& check, const page::Scale& scale, bool decided) {
  const Sign sign = sign_of(decided ? std::optional(check.answer()) : std::nullopt);
  const std::string line = answer_line(check, decided);
  std::string statement = check.statement;
  if (!statement.empty() && statement[0] >= 'a' && statement[0] <= 'z')
    statement[0] = static_cast<char>(statement[0] - 'a' + 'A');
  const auto& [value, low, high] = check.interval;
  return "<tr class=\"" + std::string(sign.style) +
         "\"><th scope=\"row\"><div><span class=\"sign\" aria-hidden=\"true\">" + sign.text + "</span><span>" +
         escape_html(statement) + (line.empty() ? "" : " <small>" + escape_html(line) + "</small>") +
         "</span></div></th><td class=\"track\"><div>" + track_html(check, scale) + "</div></td><td>" +
         brief_text(value) +
         (std::isfinite(low) && low != high ? " <small>[" + brief_text(low) + ", " + brief_text(high) + "]</small>"
                                            : "") +
         "</td></tr>\n";
}

std::string axis_html(const page::Scale& scale) {
  std::string html = "<tr class=\"axis\" aria-hidden=\"true\"><th></th><td class=\"track\"><div>";
  for (const double tick : scale.ticks())
    html += "<span style=\"" + scale.left(tick) + "\">" + brief_text(tick) + "</span>";
  return html + "</div></td><td></td></tr>\n";
}

}  // namespace

Sign sign_of(std::optional<Answer> answer) {
  if (!answer) return {"·", "none"};
  return *answer == Answer::kHolds   ? Sign{"✓", "holds"}
         : *answer == Answer::kFails ? Sign{"✗", "not"}
                                     : Sign{"○", "open"};
}

std::string forest_html(const std::vector<Check>& checks, bool decided) {
  std::string html = "<figure class=\"intervals forest\"><table>\n";
  for (const Group& group : groups_of(checks)) {
    const page::Scale scale = scale_of(group);
    html += "<tbody><tr class=\"quantity\"><th colspan=\"3\" scope=\"colgroup\">" + escape_html(group.quantity) +
            "</th></tr>\n";
    // Rows first, then the axis that they share.
    for (const Check* check : group.checks) html += row_html(*check, scale, decided);
    html += axis_html(scale) + "</tbody>\n";
  }
  html +=
      "</table><figcaption>Shaded: the side that is claimed; dashed: its bound. Each quantity has a scale of its own.";
  if (decided)
    html += " ✓ holds, ✗ does not hold: decided by an exact test, p (adjusted for all of these statements) at most " +
            brief_text(kLevel) + "; ○ not decided. Intervals decide nothing.";
  return html + "</figcaption></figure>\n";
}

std::string thumbnail_svg(const std::vector<Outcome>& outcomes) {
  constexpr double kWidth = 120, kMost = 72, kEdge = 5;
  const auto rows = static_cast<double>(std::max<size_t>(1, outcomes.size()));
  // At most 9 pixels for a row, less where many rows must fit in 72.
  const double each = std::min(9.0, kMost / rows), height = each * rows;
  const auto number = [](double value) { return page::fixed_text(value, 1); };
  std::string svg = "<svg class=\"thumbnail\" viewBox=\"0 0 " + number(kWidth) + " " + number(height) + "\" width=\"" +
                    number(kWidth) + "\" height=\"" + number(height) +
                    "\" aria-hidden=\"true\"><rect class=\"claimed\" x=\"" + number(kWidth / 2) +
                    "\" y=\"0\" width=\"" + number(kWidth / 2) + "\" height=\"" + number(height) +
                    "\"/><path class=\"at\" d=\"M" + number(kWidth / 2) + " 0V" + number(height) + "\"/>";
  for (size_t i = 0; i < outcomes.size(); ++i) {
    const Outcome& outcome = outcomes[i];
    // Turned so that the claimed side is always the right one.
    const auto claimed = [&](double value) { return (value - outcome.threshold) * (outcome.above ? 1 : -1); };
    double farthest = 0;
    for (const double value : {outcome.value, outcome.low, outcome.high})
      if (std::isfinite(value)) farthest = std::max(farthest, std::abs(claimed(value)));
    // A statement without a number keeps its empty row.
    if (!std::isfinite(outcome.value)) continue;
    const auto x = [&](double value) {
      return kWidth / 2 + (farthest > 0 ? claimed(value) / farthest * (kWidth / 2 - kEdge) : 0);
    };
    const std::string y = number((static_cast<double>(i) + 0.5) * each);
    svg += "<g class=\"" + std::string(sign_of(outcome.answer).style) + "\">";
    if (std::isfinite(outcome.low) && std::isfinite(outcome.high))
      svg += "<path d=\"M" + number(x(outcome.low)) + " " + y + "H" + number(x(outcome.high)) + "\"/>";
    svg += "<circle cx=\"" + number(x(outcome.value)) + "\" cy=\"" + y + "\" r=\"" + number(std::min(3.0, each / 2.4)) +
           "\"/></g>";
  }
  return svg + "</svg>";
}

}  // namespace deepq::lab
