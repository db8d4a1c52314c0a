#include "deepq/env/minatar.h"

#include <algorithm>
#include <bit>

#include "deepq/core/error.h"

namespace deepq::minatar {
namespace {

constexpr char kEmptySymbol = '.';

const std::vector<Move>& all_moves() {
  static const std::vector<Move> kMoves{Move::kStay, Move::kLeft, Move::kUp, Move::kRight, Move::kDown, Move::kFire};
  return kMoves;
}

}  // namespace

void Canvas::toggle(uint64_t bits, size_t first) {
  for (; bits != 0; bits &= bits - 1) {  // clears the lowest set bit
    const size_t index = first + static_cast<size_t>(std::countr_zero(bits)) * channel_count_;
    write(index, static_cast<uint8_t>(1 - bytes_[index]));
  }
}

void Canvas::change_set(size_t channel, Cells cells) {
  // Only what differs is written: of 100 cells a step changes a few, and the values are kept from step to step.
  const Cells changed = cells ^ sets_[channel];
  toggle(static_cast<uint64_t>(changed), channel);
  toggle(static_cast<uint64_t>(changed >> 64), channel + 64 * channel_count_);
  sets_[channel] = cells;
}

GameEnv::GameEnv(std::unique_ptr<Game> game, ActionSet action_set, double sticky_action_probability)
    : game_(std::move(game)),
      moves_(action_set == ActionSet::kAll ? all_moves() : game_->description().useful_moves),
      sticky_action_probability_(sticky_action_probability),
      canvas_(game_->description().channels.size()) {
  if (!(sticky_action_probability >= 0 && sticky_action_probability <= 1))
    throw Error::of("minatar.sticky_action_probability is ", number_text(sticky_action_probability),
                    "; allowed: 0 to 1");
  const std::string version = action_set == ActionSet::kAll ? "-v0" : "-v1";
  spec_ = {.id = "MinAtar/" + std::string(game_->description().name) + version,
           .observation_space = ObservationSpace::zeros_and_ones(
               {kSide, kSide, static_cast<int64_t>(game_->description().channels.size())}),
           .action_count = static_cast<int64_t>(moves_.size()),
           .side_by_side = true};
}

std::span<const float> GameEnv::reset(std::optional<uint64_t> seed) {
  // Without a seed the stream goes on, and so does the last move (see step).
  if (seed) {
    random_ = Random(*seed);
    last_move_ = Move::kStay;
  }
  game_->start(random_);
  return observe();
}

// Sticky actions (Machado et al. 2018, section 5.2): at times the game sees the last move again instead of the new one.
// The last move outlives the end of an episode, as in the reference.
Step GameEnv::step(int64_t action) {
  if (random_.uniform() >= sticky_action_probability_) last_move_ = moves_[static_cast<size_t>(action)];
  const Outcome outcome = game_->play(last_move_, random_);
  return {.observation = observe(), .reward = static_cast<double>(outcome.reward), .terminated = outcome.over};
}

std::span<const float> GameEnv::observe() {
  canvas_.clear_pieces();
  game_->draw(canvas_);
  return canvas_.values();
}

bool GameEnv::serialize(Archive& archive) {
  random_.serialize(archive);
  auto last_move = static_cast<int32_t>(last_move_);
  archive.value("last_move", last_move, {0, static_cast<int32_t>(all_moves().size()) - 1});
  last_move_ = static_cast<Move>(last_move);
  game_->serialize(archive);
  observe();
  return true;
}

// What is seen in each cell.
std::string GameEnv::symbols() const {
  const Description& game = game_->description();
  const std::span<const float> values = canvas_.values();
  const size_t channel_count = game.channels.size();
  std::string picture(kCellCount, kEmptySymbol);
  for (size_t i = 0; i < picture.size(); ++i) {
    size_t best_depth = game.front_to_back.size();
    for (size_t channel = 0; channel < channel_count; ++channel) {
      if (values[i * channel_count + channel] == 0) continue;
      // The one in front hides the others.
      best_depth = std::min(best_depth, game.front_to_back.find(game.channels[channel].symbol));
    }
    if (best_depth < game.front_to_back.size()) picture[i] = game.front_to_back[best_depth];
  }
  return picture;
}

Picture GameEnv::picture() const {
  constexpr int kCell = 20;
  constexpr std::array<Rgb, kMaxChannels> kColors{{{255, 213, 79},
                                                   {214, 69, 65},
                                                   {100, 181, 246},
                                                   {129, 199, 132},
                                                   {186, 104, 200},
                                                   {255, 138, 101},
                                                   {77, 182, 172},
                                                   {240, 98, 146},
                                                   {144, 164, 174},
                                                   {220, 231, 117}}};
  const std::string seen = symbols();
  Painter painter(kSide * kCell, kSide * kCell, {24, 28, 34});
  for (size_t i = 0; i < seen.size(); ++i) {
    const size_t depth = game_->description().front_to_back.find(seen[i]);
    if (depth == std::string_view::npos) continue;
    const size_t row = i / kSide, column = i % kSide;
    const double x = kCell * static_cast<double>(column), y = kCell * static_cast<double>(row);
    painter.rectangle(x, y, x + kCell - 1, y + kCell - 1, kColors[depth]);
  }
  return painter.take();
}

std::string GameEnv::render_text() const {
  const Description& game = game_->description();
  const std::string picture = symbols();
  std::string text;
  for (size_t i = 0; i < picture.size(); ++i) {
    text.append(2, picture[i]);  // a character is about twice as high as wide
    if (i % kSide == kSide - 1) text += '\n';
  }
  for (const Channel& channel : game.channels) text.append({channel.symbol, ' '}).append(channel.name).append("  ");
  text.resize(text.size() - 2);
  return text + '\n';
}

void serialize_cells(Archive& archive, std::string_view name, Cells& cells, Cells allowed) {
  std::array<uint64_t, 2> halves{static_cast<uint64_t>(cells), static_cast<uint64_t>(cells >> 64)};
  archive.array(name, halves, kAnyValue<uint64_t>);
  cells = (Cells{halves[1]} << 64) | halves[0];
  if ((cells & ~allowed) != 0)
    throw Error::of("the saved state's '", name, "' has a cell beyond ", allowed == kBoard ? "the board" : "its rows");
}

void check_heading(const Archive& archive, std::string_view name, int heading) {
  if (heading != -1) archive.check(name, heading, {1, 1});
}

}  // namespace deepq::minatar
