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

  // An empty function shows nothing: no `lines` when quiet, no `progress` when there is no terminal to redraw on.
  Screen(Write lines, Write progress);
  ~Screen();
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  void line(std::string_view text);

  bool shows_progress() const { return static_cast<bool>(progress_); }
  void progress(std::string_view text);  // takes the place of the last one
  void clear_progress();

 private:
  void erase();

  const Write lines_, progress_;
  std::mutex mutex_;
  bool drawn_ = false;
};

}  // namespace deepq::cli
