#include "deepq/record/log_file.h"

#include <utility>

#include "deepq/core/error.h"
#include "deepq/record/csv_text.h"
#include "deepq/record/files.h"
#include "deepq/record/run_folder.h"

namespace deepq {
namespace {

constexpr size_t kBufferBytes = 1 << 16, kLongestLine = 1 << 12;

// Where only they were changed, so that positions mean what they did.
const std::string& with_own_line_ends(const std::string& path, std::string_view head) {
  if (!head.ends_with('\n') || !path_exists(path)) return path;
  const MappedFile file(path);
  const std::string_view text(reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size());
  // The first line is ours but for its end: an editor has written \r\n.
  if (text.starts_with(head) || std::string(first_line(text)) + "\n" != head) return path;
  write_file_atomically(path, with_plain_lines(text));
  return path;
}

}  // namespace

LogFile::LogFile(std::string path, LogStart start, std::string head, IsWhole is_whole)
    : path_(std::move(path)),
      head_(std::move(head)),
      is_whole_(is_whole),
      file_(start == LogStart::kGoOn ? with_own_line_ends(path_, head_) : path_, system::Access::kAppend),
      flushed_(file_.size()),
      last_flush_(std::chrono::steady_clock::now()) {
  // A line may come on top of a buffer that is nearly full: nothing is allocated while training.
  buffer_.reserve(kBufferBytes + kLongestLine);
  if (start == LogStart::kAnew) file_.cut(flushed_ = 0);
  // A new or empty file gets its head with the first flush.
  if (flushed_ > 0) return;
  sync_folder(folder_of(path_));  // a checkpoint will count on the file's being there
  append(head_);
}

LogFile::~LogFile() {
  try {
    flush();
  } catch (const Error&) {  // a destructor has nobody to tell
  }
}

void LogFile::append(std::string_view text) {
  buffer_ += text;
  if (buffer_.size() >= kBufferBytes) flush();
}

void LogFile::flush() {
  last_flush_ = std::chrono::steady_clock::now();
  if (buffer_.empty()) return;
  try {
    file_.write(buffer_);
  } catch (const Error&) {
    // A row that is half on the disk (it is full, say) would spoil the table: back to where it was whole.
    file_.cut(flushed_);
    throw;
  }
  flushed_ += static_cast<int64_t>(buffer_.size());
  buffer_.clear();
}

void LogFile::flush_if_due() {
  constexpr std::chrono::seconds kInterval{1};
  if (!buffer_.empty() && std::chrono::steady_clock::now() - last_flush_ >= kInterval) flush();
}

void LogFile::sync() {
  flush();
  file_.sync();
}

void LogFile::serialize(Archive& archive) {
  // The checkpoint must not know of rows that a power cut could still take.
  if (!archive.loading()) sync();
  int64_t length = flushed_;
  archive.value("length", length, kCount);
  if (!archive.loading()) return;
  buffer_.clear();
  // What came after the checkpoint happens again, and is cut off. A shorter file has lost rows, and one that does not
  // read as whole was damaged: neither can be gone on with.
  if (length <= flushed_) {
    file_.cut(length);
    flushed_ = length;
    const MappedFile written(path_);
    if (length == 0 ||
        is_whole_({reinterpret_cast<const char*>(written.bytes().data()), written.bytes().size()}, head_))
      return;
  }
  begin_anew(length);
}

void LogFile::begin_anew(int64_t expected) {
  notice_ = path_ + " is not what the checkpoint was written with (" + std::to_string(flushed_) + " bytes of " +
            std::to_string(expected) + " or other ones): it begins anew";
  if (flushed_ > 0) {
    // Set aside and not removed: someone may still want to read what is in it.
    const std::string aside = path_ + ".damaged";
    if (!system::rename_file(path_, aside)) throw_system_error("set aside", path_);
    notice_ += ", and the old one is " + aside;
    file_ = PosixFile(path_, system::Access::kAppend);
    sync_folder(folder_of(path_));
  }
  flushed_ = 0;
  append(head_);
}

bool LogFile::has_whole_lines(std::string_view text, std::string_view head) {
  return text.starts_with(head) && text.ends_with('\n') && text.find('\0') == std::string_view::npos;
}

}  // namespace deepq
