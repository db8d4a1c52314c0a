#include "cli/frames.h"

#include <algorithm>
#include <sstream>

#include "cli/text.h"

namespace deepq::cli {
namespace {

constexpr std::string_view kNoWrapping = "\x1b[?7l", kWrapping = "\x1b[?7h", kEraseRestOfLine = "\x1b[K",
                           kEraseBelow = "\x1b[J";

template <class Number>
std::string numbers_text(std::span<const Number> observation) {
  // 8 numbers of 10 characters fill 80 columns; 8 such lines leave room for the rest of the frame.
  constexpr size_t kPerLine = 8, kMost = 64;
  std::string text;
  for (size_t i = 0; i < std::min(observation.size(), kMost); ++i) {
    text += right_aligned(fixed(static_cast<double>(observation[i]), 3), 10);
    if (i % kPerLine == kPerLine - 1 || i + 1 == std::min(observation.size(), kMost)) text += "\n";
  }
  if (observation.size() > kMost)
    text += "  and " + grouped(static_cast<int64_t>(observation.size() - kMost)) + " more numbers\n";
  return text;
}

// Of one observation. What is legal lies behind its numbers.
std::string observation_text(const ObservationRows& observation, const Numbering& numbering) {
  if (observation.has_layout() && observation.layout().leaf_count() > 1) {  // all numbers, part after part
    std::vector<float> numbers(static_cast<size_t>(observation.layout().size()));
    observation.layout().put_numbers(observation[0], numbers);
    return numbers_text(std::span<const float>(numbers));
  }
  const auto bytes =
      observation.has_layout() ? static_cast<size_t>(observation.layout().number_bytes()) : observation.bytes().size();
  const ObservationRow numbers(observation.bytes().first(bytes));
  if (observation.element() == Element::kInt64)
    return "  state " + std::to_string(numbering.state_start + numbers.state()) + "\n";
  return observation.element() == Element::kUint8 ? numbers_text(numbers.as<uint8_t>())
                                                  : numbers_text(numbers.as<float>());
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(std::move(line));
  return lines;
}

}  // namespace

std::span<const float> Filmed::reset(std::optional<uint64_t> seed) {
  const std::span<const float> first = env_->reset(seed);
  camera_(*env_);
  return first;
}

Step Filmed::step(int64_t action) {
  const Step step = env_->step(action);
  // Here, before the vector of environments resets the world at the end of an episode.
  camera_(*env_);
  return step;
}

std::string frame_text(const PlayedStep& step, const std::string& picture, const Numbering& numbering) {
  std::string text = picture.empty() ? observation_text(step.observation, numbering) : picture;
  if (!text.ends_with('\n')) text += "\n";
  text += "Episode " + std::to_string(step.episode) + "   step " + std::to_string(step.step) + "   reward " +
          fixed(step.reward, 2) + "   return " + fixed(step.episode_return, 2);
  if (step.terminated || step.truncated) text += step.terminated ? "   terminated" : "   truncated";
  text += "\n  action     value\n";
  const auto add = [&](bool is_taken, const std::string& name, size_t value) {
    text += (is_taken ? "> " : "  ") + padded(name, 6) + " " + right_aligned(fixed(step.q_values[value], 3), 9) + "\n";
  };
  if (numbering.actions.is_single()) {
    for (size_t a = 0; a < step.q_values.size(); ++a) {
      const auto action = static_cast<int64_t>(a);
      add(action == step.action, std::to_string(numbering.action_start + action), a);
    }
    return text;
  }
  numbering.actions.visit_choices(step.action, [&](size_t axis, int64_t first, int64_t taken) {
    for (int64_t choice = 0; choice < numbering.actions.axes()[axis]; ++choice)
      add(choice == taken, std::to_string(axis) + ":" + std::to_string(choice), static_cast<size_t>(first + choice));
  });
  return text;
}

void FrameScreen::show(const std::string& frame) {
  if (!rows_) return write_(frame + "\n");
  std::vector<std::string> lines = lines_of(frame);
  const int rows = rows_();
  // What scrolls off cannot be drawn over: the lower part, with the numbers, is what fits.
  if (rows > 1 && static_cast<int>(lines.size()) >= rows) lines.erase(lines.begin(), lines.end() - (rows - 1));
  std::string text;
  // Up to the first line of the last frame (ANSI CUU), which is then drawn over line by line.
  if (drawn_lines_ > 0) text = "\x1b[" + std::to_string(drawn_lines_) + "A";
  text += kNoWrapping;  // a line wider than the terminal would count as two
  for (const std::string& line : lines) text += line + std::string(kEraseRestOfLine) + "\n";
  // What a higher frame before this one has left below is erased.
  write_(text + std::string(kEraseBelow) + std::string(kWrapping));
  drawn_lines_ = static_cast<int>(lines.size());
}

void FrameScreen::keep() {
  if (rows_ && drawn_lines_ > 0) write_("\n");
  drawn_lines_ = 0;
}

}  // namespace deepq::cli
