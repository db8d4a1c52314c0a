#include "deepq/env/picture.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace deepq {

Painter::Painter(int width, int height, const Window& window, Rgb background)
    : window_(window),
      picture_{width, height, std::vector<uint8_t>(3 * static_cast<size_t>(width) * static_cast<size_t>(height))} {
  for (size_t i = 0; i < picture_.rgb.size(); ++i) picture_.rgb[i] = background[i % 3];
}

Painter::Painter(int width, int height, Rgb background)
    : Painter(width, height, {0, 0, static_cast<double>(width), static_cast<double>(height)}, background) {}

// Pixels of a rectangle, whose middles `covers`; what lies outside is left out.
template <class Covers>
void Painter::fill(double x0, double y0, double x1, double y1, Rgb color, const Covers& covers) {
  const auto within = [](double value, int size) {
    return static_cast<int>(std::clamp(value, 0.0, static_cast<double>(size)));
  };
  const int first = within(std::floor(x0), picture_.width), last = within(std::ceil(x1), picture_.width);
  for (int y = within(std::floor(y0), picture_.height); y < within(std::ceil(y1), picture_.height); ++y)
    for (int x = first; x < last; ++x)
      if (covers(x + 0.5, y + 0.5))
        std::ranges::copy(color, picture_.rgb.begin() + 3 * (static_cast<int64_t>(y) * picture_.width + x));
}

void Painter::rectangle(double x0, double y0, double x1, double y1, Rgb color) {
  const double left = std::min(column(x0), column(x1)), right = std::max(column(x0), column(x1));
  const double top = std::min(row(y0), row(y1)), bottom = std::max(row(y0), row(y1));
  fill(left, top, right, bottom, color,
       [&](double x, double y) { return x >= left && x < right && y >= top && y < bottom; });
}

// All that is no farther than half the width from the line, so that its ends are round.
void Painter::line(double x0, double y0, double x1, double y1, double pixels, Rgb color) {
  const double ax = column(x0), ay = row(y0), dx = column(x1) - ax, dy = row(y1) - ay, radius = pixels / 2;
  const double square = dx * dx + dy * dy;
  if (!std::isfinite(ax + ay + square)) return;
  fill(std::min(ax, ax + dx) - radius, std::min(ay, ay + dy) - radius, std::max(ax, ax + dx) + radius,
       std::max(ay, ay + dy) + radius, color, [&](double x, double y) {
         const double along = square > 0 ? std::clamp(((x - ax) * dx + (y - ay) * dy) / square, 0.0, 1.0) : 0;
         const double off_x = x - ax - along * dx, off_y = y - ay - along * dy;
         return off_x * off_x + off_y * off_y <= radius * radius;
       });
}

}  // namespace deepq
