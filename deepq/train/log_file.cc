#include "deepq/train/log_file.h"

#include <fcntl.h>

#include <utility>

#include "deepq/core/error.h"

namespace deepq {
namespace {

constexpr size_t kBufferBytes = 1 << 16, kLongestLine = 1 << 12;

}  // namespace

LogFile::LogFile(std::string path, LogStart start)
    : path_(std::move(path)),
      file_(path_, O_WRONLY | O_CREAT | O_APPEND),
      flushed_(file_.size()),
      last_flush_(std::chrono::steady_clock::now()) {
  buffer_.reserve(kBufferBytes + kLongestLine);
  if (start == LogStart::kAnew) file_.cut(flushed_ = 0);
  if (flushed_ == 0) sync_folder(folder_of(path_));  // a checkpoint will count on the file's being there
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
  if (!archive.loading()) sync();
  int64_t length = flushed_;
  archive.value("length", length, kCount);
  if (!archive.loading()) return;
  if (length > flushed_)
    throw Error::of(path_, " has ", flushed_, " bytes; the checkpoint was written when it had ", length);
  buffer_.clear();
  file_.cut(length);
  flushed_ = length;
}

}  // namespace deepq
