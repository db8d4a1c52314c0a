#include "cli/screen.h"

#include <string>
#include <utility>

#include "cli/text.h"

namespace deepq::cli {

Screen::Screen(Write lines, Write progress, Columns columns)
    : lines_(std::move(lines)), progress_(std::move(progress)), columns_(std::move(columns)) {}

Screen::~Screen() { clear_progress(); }

void Screen::line(std::string_view text) {
  const std::lock_guard lock(mutex_);
  if (!lines_) return;
  erase();  // lines and progress may share one terminal
  lines_(std::string(text) + "\n");
}

void Screen::paragraph(std::string_view text, size_t indent) {
  const std::string_view name = text.substr(0, indent);
  std::string begin(name);
  for (const std::string& one : wrapped(text.substr(name.size()), kColumns - indent)) {
    line(begin + one);
    begin.assign(indent, ' ');
  }
}

void Screen::progress(std::string_view text) {
  const std::lock_guard lock(mutex_);
  if (!progress_) return;
  erase();
  const int columns = columns_ ? columns_() : 0;
  // One column is left free: some terminals wrap when the last one is written.
  progress_(columns > 0 ? fitted(text, static_cast<size_t>(columns) - 1) : text);
  drawn_ = true;
}

void Screen::clear_progress() {
  const std::lock_guard lock(mutex_);
  erase();
}

void Screen::erase() {
  if (drawn_) progress_("\r\x1b[K");
  drawn_ = false;
}

}  // namespace deepq::cli
