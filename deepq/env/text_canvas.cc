#include "deepq/env/text_canvas.h"

#include <algorithm>
#include <cmath>

namespace deepq {

TextCanvas::TextCanvas(const TextWindow& window)
    : window_(window), rows_(static_cast<size_t>(window.rows), std::string(static_cast<size_t>(window.columns), ' ')) {}

void TextCanvas::point(double x, double y, char mark) {
  const double column = std::round((x - window_.left) / window_.column_width);
  const double row = std::round((window_.top - y) / window_.row_height);
  // So written, NaN is outside, too.
  if (!(column >= 0 && column < window_.columns && row >= 0 && row < window_.rows)) return;
  rows_[static_cast<size_t>(row)][static_cast<size_t>(column)] = mark;
}

// As many points as the line has cells on its longer side, so that it has no gaps and no corners.
void TextCanvas::line(double x0, double y0, double x1, double y1, char mark) {
  const double cells = std::max(std::abs(x1 - x0) / window_.column_width, std::abs(y1 - y0) / window_.row_height);
  const int steps = std::max(1, static_cast<int>(std::ceil(cells)));
  for (int i = 0; i <= steps; ++i) {
    const double part = static_cast<double>(i) / steps;
    point(x0 + part * (x1 - x0), y0 + part * (y1 - y0), mark);
  }
}

std::string TextCanvas::text() const {
  std::string text;
  for (const std::string& row : rows_) text.append(row, 0, row.find_last_not_of(' ') + 1).push_back('\n');
  return text;
}

}  // namespace deepq
