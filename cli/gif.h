// Pictures as an animated GIF (GIF89a, https://www.w3.org/Graphics/GIF/spec-gif89a.txt). Written here and not by
// giflib: a hundred lines, where that would be one more library to have for each system that the program and the Python
// package are built for. Pillow reads it back in the tests.
#pragma once

#include <string>

#include "deepq/env/picture.h"

namespace deepq::cli {

class Gif {
 public:
  static constexpr int kMostSide = 65535;  // pixels

  // Pictures of one size; shown so many a second, as nearly as hundredths of a second allow, 50 at most.
  Gif(int width, int height, double fps);

  // Colours are kept where there are 256 or fewer, else the nearest of 252.
  void add(const Picture& picture);
  // The file.
  std::string finish() &&;

 private:
  void add_number(int number);  // 16 bits
  void add_compressed(const std::string& indices, int bits);

  int width_, height_, hundredths_;
  std::string bytes_;
};

}  // namespace deepq::cli
