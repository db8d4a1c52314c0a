// A window of the plane drawn with characters: what render_text() of the environments with continuous states uses.
// A cell stands for `column_width` by `row_height`; its centre is where it is drawn. What lies outside is left out.
#pragma once

#include <string>
#include <vector>

namespace deepq {

struct TextWindow {
  double left = 0;  // x of the first column
  double top = 0;   // y of the first row
  double column_width = 1;
  double row_height = 1;
  int columns = 1;
  int rows = 1;
};

class TextCanvas {
 public:
  explicit TextCanvas(const TextWindow& window);

  void point(double x, double y, char mark);
  void line(double x0, double y0, double x1, double y1, char mark);
  std::string text() const;  // one line for each row, without blanks at its end

 private:
  TextWindow window_;
  std::vector<std::string> rows_;
};

}  // namespace deepq
