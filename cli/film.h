// An episode as pictures in a file: `deepq watch --gif FILE` and `--mp4 FILE`.
#pragma once

#include <memory>
#include <string>

#include "deepq/env/env.h"

namespace deepq::cli {

// What an environment shows of itself, or where it draws nothing the picture that it observes, the newest of a stack;
// of few pixels each is made several. Empty where it has neither.
Picture picture_of(const Env& env);

class Film {
 public:
  virtual ~Film() = default;
  // All of one size, that of the first. Throws deepq::Error for another.
  void add(const Picture& picture);
  int64_t pictures() const { return pictures_; }
  std::string size_text() const;  // "300 x 120"

  // The file is there, and whole. Not for a film of no pictures.
  virtual void finish() = 0;

 protected:
  virtual void begin(int width, int height) = 0;
  virtual void write(const Picture& picture) = 0;

 private:
  int width_ = 0, height_ = 0;
  int64_t pictures_ = 0;
};

std::unique_ptr<Film> gif_film(const std::string& path, double fps);
// By ffmpeg. Throws deepq::Error where it is not installed.
std::unique_ptr<Film> mp4_film(const std::string& path, double fps);

}  // namespace deepq::cli
