// Text for people: whole lines, and below them one progress line that is redrawn in place on a terminal. Knows no
// streams: it writes through two functions, so tests can read what it would show. Thread-safe: runs side by side share
// one screen.
#pragma once

#include <functional>
#include <mutex>
#include <string_view>

namespace deepq::cli {

class Screen {
 public:
  using Write = std::function<void(std::string_view)>;

  using Columns = std::function<int()>;  // of the terminal, now; 0: as many as it takes

  // An empty function shows nothing: no `lines` when quiet, no `progress` when there is no terminal to redraw on.
  Screen(Write lines, Write progress, Columns columns = {});
  ~Screen();
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  void line(std::string_view text);
  // In lines of 80 columns, those after the first so far to the right.
  void paragraph(std::string_view text, size_t indent);

  bool shows_progress() const { return static_cast<bool>(progress_); }
  // Takes the place of the last one. Of fields, three blanks apart, the last are left out where the terminal is narrow:
  // a line that wraps cannot be erased.
  void progress(std::string_view text);
  void clear_progress();

 private:
  void erase();

  const Write lines_, progress_;
  const Columns columns_;
  std::mutex mutex_;
  bool drawn_ = false;
};

}  // namespace deepq::cli
