#include "deepq/train/demonstration_files.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "deepq/core/npz.h"
#include "deepq/core/sha256.h"
#include "deepq/record/posix_file.h"

namespace deepq {
namespace {

// A number of an array, whatever its type; whole numbers beyond 2^53 are none that an environment has.
double number_at(const TensorView& array, size_t i) {
  const auto read = [&]<class Number>(Number value) {
    std::memcpy(&value, array.bytes.data() + i * sizeof value, sizeof value);
    return static_cast<double>(value);
  };
  switch (array.dtype) {
    case Dtype::kF64:
      return read(double{});
    case Dtype::kF32:
      return read(float{});
    case Dtype::kI64:
      return read(int64_t{});
    case Dtype::kU64:
      return read(uint64_t{});
    case Dtype::kI32:
      return read(int32_t{});
    case Dtype::kU32:
      return read(uint32_t{});
    case Dtype::kU8:
    case Dtype::kBool:
      return read(uint8_t{});
  }
  return 0;
}

int64_t whole_at(const TensorView& array, size_t i, std::string_view what) {
  const double value = number_at(array, i);
  if (!(std::abs(value) <= 9e15) || value != std::trunc(value))
    throw Error::of(what, " is ", number_text(value), "; allowed: a whole number");
  return static_cast<int64_t>(value);
}

std::string shape_text(std::span<const int64_t> shape) {
  std::vector<std::string> sizes;
  for (const int64_t size : shape) sizes.push_back(std::to_string(size));
  return "[" + join(sizes) + "]";
}

// Puts a leaf's numbers, which begin here in an array, where a row has them. Those of the leaf's own type are copied.
void put_leaf(const ObservationLeaf& leaf, const TensorView& array, size_t begin, std::span<std::byte> to) {
  const auto copy = [&](size_t bytes) { std::memcpy(to.data(), array.bytes.data() + begin * bytes, to.size()); };
  const auto put = [&]<class Number>(size_t i, Number value) {
    std::memcpy(to.data() + i * sizeof value, &value, sizeof value);
  };
  const auto size = static_cast<size_t>(leaf.size());
  if (leaf.kind == ObservationKind::kReal) {
    if (array.dtype == Dtype::kF32) return copy(4);
    for (size_t i = 0; i < size; ++i) put(i, static_cast<float>(number_at(array, begin + i)));
  } else if (leaf.holds_bytes()) {
    if (array.dtype == Dtype::kU8) return copy(1);
    for (size_t i = 0; i < size; ++i) {
      const int64_t value = whole_at(array, begin + i, "a number of the observation");
      if (value < 0 || value > 255) throw Error::of("the observation holds ", value, "; allowed: 0 to 255");
      put(i, static_cast<uint8_t>(value));
    }
  } else {
    put(0, whole_at(array, begin, "the observation") - leaf.start);
  }
}

}  // namespace

// One file, mapped, and what of it is what.
class DemonstrationFiles::File {
 public:
  File(const std::string& path, const EnvSpec& env)
      : path_(path),
        file_(path),
        env_(env),
        space_(env.actions()),
        layout_(env.observation_space),
        observation_(static_cast<size_t>(layout_.row_bytes())),
        next_observation_(observation_.size()) {
    const std::span bytes = file_.bytes();
    npz_ = parse_npz({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path);
    terminations_ = one_of({"terminations", "terminals"});
    truncations_ = find("truncations") ? find("truncations") : find("timeouts");
    rows_ = terminations_->shape.empty() ? 0 : terminations_->shape[0];
    if (rows_ == 0) throw Error::of(path_, " holds no step; allowed: at least one");
    rewards_ = one_of({"rewards"});
    actions_ = one_of({"actions"});
    require_numbers("terminations", *terminations_, 1);
    if (truncations_) require_numbers("truncations", *truncations_, 1);
    require_numbers("rewards", *rewards_, 1);
    require_numbers("actions", *actions_, static_cast<int64_t>(space_.axis_count()));
    has_next_ = find("next_observations") || std::ranges::any_of(npz_.arrays, [](const auto& array) {
                  return array.first.starts_with("next_observations/");
                });
    leaves_ = columns_of("observations");
    if (has_next_) next_leaves_ = columns_of("next_observations");
    legal_ = legal_array("legal_actions");
    if (has_next_) next_legal_ = legal_array("next_legal_actions");
    visit_kept([&](size_t, bool end) { ++steps_, episodes_ += end; });
    if (steps_ == 0) throw Error::of(path_, " holds no transition: of none of its steps is known what followed");
  }

  int64_t steps() const { return steps_; }
  int64_t episodes() const { return episodes_; }
  std::string sha256() const { return sha256_hex(file_.bytes()); }

  void visit(const Visit& visit) const {
    visit_kept([&](size_t row, bool end) {
      try {
        visit(step_at(row, end));
      } catch (const Error& error) {
        throw Error::of(path_, ", step ", row, ": ", error.what());
      }
    });
  }

 private:
  // The numbers of one leaf in an array: a row for each step, and in a row those from `first` on.
  struct LeafColumns {
    const TensorView* array = nullptr;
    size_t first = 0, width = 0;
  };

  const TensorView* find(std::string_view name) const {
    const auto found = npz_.arrays.find(name);
    return found == npz_.arrays.end() ? nullptr : &found->second;
  }

  const TensorView* one_of(std::initializer_list<std::string_view> names) const {
    for (const std::string_view name : names)
      if (const TensorView* const array = find(name)) return array;
    const std::string name(*names.begin());
    if (const auto other = npz_.others.find(name); other != npz_.others.end())
      throw Error::of(path_, ": ", name, " is of type ", other->second,
                      "; allowed: bool, uint8, int32, int64, uint32, uint64, float32, float64");
    std::vector<std::string> present;
    for (const auto& [key, array] : npz_.arrays) present.push_back(key);
    throw Error::of(path_, " has no array ", name, "; it has ", present.empty() ? "none" : join(present));
  }

  // A row of so many numbers for each step; one of them may be without a dimension of its own.
  void require_numbers(std::string_view name, const TensorView& array, int64_t width) const {
    const bool fits =
        array.shape == std::vector<int64_t>{rows_, width} || (width == 1 && array.shape == std::vector<int64_t>{rows_});
    if (fits) return;
    throw Error::of(path_, ": ", name, " has the shape ", shape_text(array.shape),
                    "; allowed: ", width == 1 ? "" : "[" + std::to_string(rows_) + ", " + std::to_string(width) + "]",
                    width == 1 ? shape_text(std::array{rows_}) : "", " for ", rows_, " steps of ", env_.id);
  }

  // Where each leaf's numbers are: in an array of its own, or in one of all of them, leaf after leaf.
  std::vector<LeafColumns> columns_of(const std::string& name) const {
    std::vector<LeafColumns> columns;
    const std::span<const ObservationLeaf> leaves = env_.observation_space.seen();
    const bool whole = leaves.size() > 1 && find(name);
    size_t first = 0;
    for (const ObservationLeaf& leaf : leaves) {
      const std::string own = leaf.name.empty() || whole ? name : name + "/" + leaf.name;
      const TensorView* const array = one_of({own});
      const int64_t width = whole ? env_.observation_space.size() : leaf.size();
      std::vector<int64_t> shape = leaf.shape;
      shape.insert(shape.begin(), rows_);
      const bool flat = array->shape == std::vector<int64_t>{rows_, width} ||
                        (width == 1 && array->shape == std::vector<int64_t>{rows_});
      if (!flat && (whole || array->shape != shape))
        throw Error::of(path_, ": ", own, " has the shape ", shape_text(array->shape),
                        "; allowed: ", whole ? shape_text(std::array{rows_, width}) : shape_text(shape), " for ", rows_,
                        " steps of ", env_.id);
      columns.push_back({array, first, static_cast<size_t>(width)});
      if (whole) first += static_cast<size_t>(leaf.size());
    }
    return columns;
  }

  const TensorView* legal_array(std::string_view name) const {
    const int64_t actions = env_.observation_space.legal_actions();
    if (actions == 0) return nullptr;
    const TensorView* const array = one_of({name});
    require_numbers(name, *array, actions);
    return array;
  }

  bool terminated(size_t row) const { return number_at(*terminations_, row) != 0; }
  bool truncated(size_t row) const { return truncations_ && number_at(*truncations_, row) != 0; }

  // Calls visit(row, whether it ends an episode) for each step of which it is known what followed: without
  // next_observations it is not of one that was cut off.
  template <class Call>
  void visit_kept(const Call& call) const {
    const auto last = static_cast<size_t>(rows_) - 1;
    const auto cut = [&](size_t row) { return !terminated(row) && (truncated(row) || row == last); };
    for (size_t row = 0; row <= last; ++row) {
      if (has_next_)
        call(row, terminated(row) || cut(row));
      else if (!cut(row))
        call(row, terminated(row) || cut(row + 1));
    }
  }

  StepRecord step_at(size_t row, bool end) const {
    fill(observation_, leaves_, legal_, row);
    const bool over = terminated(row);
    if (has_next_)
      fill(next_observation_, next_leaves_, next_legal_, row);
    else
      fill(next_observation_, leaves_, legal_, over ? row : row + 1);  // behind an end nothing is looked at
    const StepRecord step{.observation = ObservationRow(observation_),
                          .action = action_at(row),
                          .reward = number_at(*rewards_, row),
                          .terminated = over,
                          .truncated = end && !over,
                          .next_observation = ObservationRow(next_observation_)};
    if (!std::isfinite(step.reward)) throw Error::of("the reward is ", step.reward, "; allowed: finite numbers");
    if (!is_legal(space_, step.action, layout_.legal(step.observation)))
      throw Error::of("the action is illegal where it was taken");
    if (!over && layout_.legal_words() > 0 && !has_choice(space_, layout_.legal(step.next_observation)))
      throw Error("no action is legal in the next observation, which is no end");
    return step;
  }

  void fill(std::vector<std::byte>& row, const std::vector<LeafColumns>& from, const TensorView* legal,
            size_t step) const {
    for (size_t i = 0; i < from.size(); ++i)
      put_leaf(env_.observation_space.leaves()[i], *from[i].array, step * from[i].width + from[i].first,
               layout_.leaf(row, i));
    if (legal) {
      const std::span<uint64_t> words = layout_.legal(std::span(row));
      std::ranges::fill(words, uint64_t{0});
      const auto actions = static_cast<size_t>(env_.observation_space.legal_actions());
      for (size_t a = 0; a < actions; ++a)
        if (number_at(*legal, step * actions + a) != 0) allow(words, a);
    }
    layout_.check(ObservationRow(row));
  }

  int64_t action_at(size_t row) const {
    std::vector<int64_t> choices(space_.axis_count());
    for (size_t axis = 0; axis < choices.size(); ++axis) {
      const int64_t start = space_.is_single() ? env_.action_start : 0, most = space_.axes()[axis] - 1 + start;
      const int64_t choice = whole_at(*actions_, row * choices.size() + axis, "the action");
      if (choice < start || choice > most)
        throw Error::of("the action is ", choice, "; allowed: ", start, " to ", most);
      choices[axis] = choice - start;
    }
    return space_.action_of(choices);
  }

  std::string path_;
  MappedFile file_;
  const EnvSpec env_;
  const ActionSpace space_;
  const ObservationLayout layout_;
  Npz npz_;
  int64_t rows_ = 0, steps_ = 0, episodes_ = 0;
  const TensorView *terminations_ = nullptr, *truncations_ = nullptr, *rewards_ = nullptr, *actions_ = nullptr;
  const TensorView *legal_ = nullptr, *next_legal_ = nullptr;
  bool has_next_ = false;
  std::vector<LeafColumns> leaves_, next_leaves_;
  mutable std::vector<std::byte> observation_, next_observation_;  // of the step that is visited
};

DemonstrationFiles::DemonstrationFiles(const std::string& paths, const EnvSpec& env) {
  for (size_t begin = 0; begin <= paths.size();) {
    const size_t end = std::min(paths.find(',', begin), paths.size());
    std::string path = paths.substr(begin, end - begin);
    path.erase(0, std::min(path.find_first_not_of(' '), path.size()));
    path.resize(path.find_last_not_of(' ') + 1);
    begin = end + 1;
    if (path.empty()) throw Error::of("it is '", paths, "'; allowed: paths with commas between them");
    files_.push_back(std::make_unique<File>(path, env));
    steps_ += files_.back()->steps();
    episodes_ += files_.back()->episodes();
  }
}

DemonstrationFiles::~DemonstrationFiles() = default;

void DemonstrationFiles::visit(const Visit& visit) const {
  for (const auto& file : files_) file->visit(visit);
}

std::string DemonstrationFiles::sha256() const {
  if (files_.size() == 1) return files_[0]->sha256();
  std::string sums;
  for (const auto& file : files_) sums += file->sha256();
  return sha256_hex(std::as_bytes(std::span(sums)));
}

std::unique_ptr<const DemonstrationFiles> open_demonstrations(const ReplayConfig& replay, const EnvSpec& env) {
  if (replay.demonstrations.empty()) return nullptr;
  try {
    return std::make_unique<const DemonstrationFiles>(replay.demonstrations, env);
  } catch (const Error& error) {
    throw Error::of("replay.demonstrations: ", error.what());
  }
}

}  // namespace deepq
