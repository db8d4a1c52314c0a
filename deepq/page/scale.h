// Places values on a track from 0 to 100 percent, and says where its ticks are.
#pragma once

#include <limits>
#include <string>
#include <vector>

namespace deepq::page {

class Scale {
 public:
  explicit Scale(bool log = false) : log_(log) {}

  // The scale reaches every value that is taken; what is not finite, and on a logarithmic scale not above 0, is left
  // out.
  void take(double value);

  // Lets the scale begin at 0 where that costs no more than half of it: of values that are all above 0.
  void take_zero();

  double percent(double value) const;
  std::string left(double value) const;  // "left:12.50%", of a style

  // Round numbers within the scale, three to seven: multiples of 1, 2 or 5 times a power of ten; of a logarithmic one
  // powers of ten, where there are two at least.
  std::vector<double> ticks() const;

  bool is_log() const { return log_; }

 private:
  double place(double value) const;
  bool is_point() const;  // all values are the same, up to rounding

  bool log_;
  double low_ = std::numeric_limits<double>::infinity(), high_ = -std::numeric_limits<double>::infinity();
};

}  // namespace deepq::page
