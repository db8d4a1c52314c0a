// An append-only log whose position is part of a checkpoint: on resume everything after that position is cut off and
// written again, so that the file equals the unbroken run's. No log is needed to go on: one that has been deleted, cut
// short or overwritten begins anew, and says so; one that a spreadsheet has saved with other line ends gets its own
// again. A flush is all or nothing: when the disk is full, the file
// still ends where the last flush ended.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "deepq/core/archive.h"
#include "deepq/record/posix_file.h"

namespace deepq {

enum class LogStart { kGoOn, kAnew };  // after what the file holds already, or with nothing

class LogFile {
 public:
  // Opens (creates) the file for appending, buffered. Throws deepq::Error.
  // `head` is what a new file begins with. `is_whole` tells whether a text can be the beginning of such a log up to a
  // checkpoint; by default, whole lines without zero bytes after `head`.
  using IsWhole = bool (*)(std::string_view text, std::string_view head);
  explicit LogFile(std::string path, LogStart start = LogStart::kGoOn, std::string head = "",
                   IsWhole is_whole = has_whole_lines);
  ~LogFile();  // flushes; an error is lost, so flush before where it matters
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;

  void append(std::string_view text);  // no allocation for lines up to 4 KiB
  void flush();                        // to the operating system; throws deepq::Error (a full disk)
  void flush_if_due();                 // flushes when the last flush is a second ago: for whoever watches the file grow
  void sync();                         // flush, then fsync

  // Bytes written and buffered; 0 is a new file.
  int64_t length() const { return flushed_ + static_cast<int64_t>(buffer_.size()); }

  // Saving: syncs and stores the length. Loading: cuts the file to the stored length; a file that is shorter, or is not
  // whole up to there, is set aside as PATH.damaged, and the log begins anew with its head.
  void serialize(Archive& archive);

  // One line about a log that was lost; "" when none was. Asking forgets it.
  std::string take_notice() { return std::exchange(notice_, ""); }

  static bool has_whole_lines(std::string_view text, std::string_view head);

 private:
  void begin_anew(int64_t expected);

  std::string path_, head_, notice_;
  IsWhole is_whole_;
  PosixFile file_;
  int64_t flushed_ = 0;
  std::string buffer_;
  std::chrono::steady_clock::time_point last_flush_;
};

}  // namespace deepq
