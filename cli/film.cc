#include "cli/film.h"

#include <algorithm>
#include <optional>
#include <span>

#include "cli/gif.h"
#include "deepq/core/error.h"
#include "deepq/core/system.h"
#include "deepq/record/run_folder.h"

namespace deepq::cli {
namespace {

// Of `channels` numbers to a pixel, one (grey) or three, beside each other or one plane after another.
Picture picture_of_bytes(std::span<const uint8_t> bytes, int64_t height, int64_t width, int64_t channels, bool planes) {
  Picture picture{static_cast<int>(width), static_cast<int>(height), {}};
  const auto pixels = static_cast<size_t>(width * height), count = static_cast<size_t>(channels);
  for (size_t pixel = 0; pixel < pixels; ++pixel)
    for (size_t color = 0; color < 3; ++color) {
      const size_t channel = count == 1 ? 0 : color;
      picture.rgb.push_back(bytes[planes ? channel * pixels + pixel : pixel * count + channel]);
    }
  return picture;
}

// Of observations that are a picture and nothing else.
Picture observed_picture(const Env& env) {
  const ObservationSpace& space = env.spec().observation_space;
  const std::span<const std::byte> row = env.typed_observation().bytes();
  if (!space.holds_bytes() || space.shape().size() != 3 || static_cast<int64_t>(row.size()) != space.size()) return {};
  const std::span bytes(reinterpret_cast<const uint8_t*>(row.data()), row.size());
  const std::vector<int64_t>& shape = space.shape();
  if (space.frames_in_stack() > 0)
    return picture_of_bytes(bytes.last(static_cast<size_t>(shape[1] * shape[2])), shape[1], shape[2], 1, false);
  const bool planes = space.leaf().has_fewer_channels_first();
  const int64_t channels = planes ? shape[0] : shape[2];
  if (channels != 1 && channels != 3) return {};
  return planes ? picture_of_bytes(bytes, shape[1], shape[2], channels, true)
                : picture_of_bytes(bytes, shape[0], shape[1], channels, false);
}

Picture enlarged(const Picture& small, int times) {
  Picture large{small.width * times, small.height * times, {}};
  large.rgb.reserve(small.rgb.size() * static_cast<size_t>(times * times));
  for (int y = 0; y < large.height; ++y)
    for (int x = 0; x < large.width; ++x) {
      const auto at = small.rgb.begin() + 3 * (int64_t{y / times} * small.width + x / times);
      large.rgb.insert(large.rgb.end(), at, at + 3);
    }
  return large;
}

class GifFilm final : public Film {
 public:
  GifFilm(std::string path, double fps) : path_(std::move(path)), fps_(fps) {}
  void begin(int width, int height) override { gif_.emplace(width, height, fps_); }
  void write(const Picture& picture) override { gif_->add(picture); }
  void finish() override { write_file_atomically(path_, std::move(*gif_).finish()); }

 private:
  std::string path_;
  double fps_;
  std::optional<Gif> gif_;
};

class Mp4Film final : public Film {
 public:
  Mp4Film(std::string path, double fps) : path_(std::move(path)), fps_(fps) {
    const auto asked = system::start_reader({"ffmpeg", "-version"});
    if (!asked || asked->finish() != 0)
      throw Error("--mp4 needs ffmpeg, which is not installed (apt-get install ffmpeg); allowed: --gif FILE");
  }
  void begin(int width, int height) override {
    ffmpeg_ = system::start_reader({"ffmpeg", "-y", "-loglevel", "error", "-f", "rawvideo", "-pixel_format", "rgb24",
                                    "-video_size", std::to_string(width) + "x" + std::to_string(height), "-framerate",
                                    number_text(fps_), "-i", "-",
                                    // As players want it: an even number of rows and columns, half the colours.
                                    "-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2", "-pix_fmt", "yuv420p", path_});
    if (!ffmpeg_) throw Error("ffmpeg cannot be started");
  }
  void write(const Picture& picture) override {
    if (!ffmpeg_->write(std::as_bytes(std::span(picture.rgb)))) finish();
  }
  void finish() override {
    if (const int status = ffmpeg_->finish(); status != 0)
      throw Error::of("ffmpeg could not write ", path_, ": it ended with status ", status);
  }

 private:
  std::string path_;
  double fps_;
  std::unique_ptr<system::ReadingProcess> ffmpeg_;
};

}  // namespace

Picture picture_of(const Env& env) {
  constexpr int kLeast = 160;  // pixels of the longer side
  Picture picture = env.picture();
  if (picture.empty()) picture = observed_picture(env);
  const int longer = std::max(picture.width, picture.height);
  return picture.empty() || longer >= kLeast ? picture : enlarged(picture, (kLeast + longer - 1) / longer);
}

void Film::add(const Picture& picture) {
  if (pictures_ == 0) begin(width_ = picture.width, height_ = picture.height);
  if (picture.width != width_ || picture.height != height_)
    throw Error::of("a picture has ", picture.width, " x ", picture.height, " pixels; the first one had ", size_text());
  write(picture);
  ++pictures_;
}

std::string Film::size_text() const { return std::to_string(width_) + " x " + std::to_string(height_); }

std::unique_ptr<Film> gif_film(const std::string& path, double fps) { return std::make_unique<GifFilm>(path, fps); }
std::unique_ptr<Film> mp4_film(const std::string& path, double fps) { return std::make_unique<Mp4Film>(path, fps); }

}  // namespace deepq::cli
