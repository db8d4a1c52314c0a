// Pictures of environments, for people: what picture() of the library's own ones draws with. Positions are in a window
// of the plane, as of TextCanvas; widths and radii are pixels, as pixels need not be square in it.
#pragma once

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

namespace deepq {

using Rgb = std::array<uint8_t, 3>;

struct Picture {
  int width = 0, height = 0;
  std::vector<uint8_t> rgb = {};  // [row, column, 3], row 0 on top

  bool empty() const { return rgb.empty(); }
};

class Painter {
 public:
  struct Window {
    double left = 0, top = 0, right = 1, bottom = 1;
  };

  Painter(int width, int height, const Window& window, Rgb background);
  // Whose positions are pixels.
  Painter(int width, int height, Rgb background);

  void rectangle(double x0, double y0, double x1, double y1, Rgb color);
  void line(double x0, double y0, double x1, double y1, double pixels, Rgb color);
  void disc(double x, double y, double radius_pixels, Rgb color) { line(x, y, x, y, 2 * radius_pixels, color); }

  Picture take() { return std::move(picture_); }

 private:
  double column(double x) const { return (x - window_.left) / (window_.right - window_.left) * picture_.width; }
  double row(double y) const { return (y - window_.top) / (window_.bottom - window_.top) * picture_.height; }
  template <class Covers>
  void fill(double x0, double y0, double x1, double y1, Rgb color, const Covers& covers);

  Window window_;
  Picture picture_;
};

}  // namespace deepq
