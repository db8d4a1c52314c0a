#include "deepq/env/picture.h"

#include <gtest/gtest.h>

#include "deepq/env/grid.h"
#include "deepq/env/registry.h"
#include "tests/legal_play.h"

namespace deepq {
namespace {

constexpr Rgb kWhite{255, 255, 255}, kRed{200, 0, 0};

// A letter for each pixel: '#' where it is not white.
std::string text_of(const Picture& picture) {
  std::string text;
  for (size_t i = 0; i < picture.rgb.size(); i += 3) {
    text += picture.rgb[i + 1] == 255 ? '.' : '#';
    if ((i / 3 + 1) % static_cast<size_t>(picture.width) == 0) text += '\n';
  }
  return text;
}

TEST(Painter, FillsWhereItIsAsked) {
  Painter painter(6, 4, {.left = 0, .top = 2, .right = 3, .bottom = 0}, kWhite);
  painter.rectangle(0.5, 2, 1.5, 1.5, kRed);
  EXPECT_EQ(text_of(painter.take()), ".##...\n......\n......\n......\n");
}

TEST(Painter, LeavesOutWhatIsOutside) {
  Painter painter(4, 3, kWhite);
  painter.line(-100, 1.5, 1e9, 1.5, 1, kRed);
  painter.disc(1e300, 0, 5, kRed);
  painter.rectangle(3, 2, 50, 50, kRed);
  EXPECT_EQ(text_of(painter.take()), "....\n####\n...#\n");
}

TEST(Painter, DrawsLinesWithRoundEnds) {
  Painter painter(7, 7, kWhite);
  painter.line(3.5, 3.5, 3.5, 3.5, 5, kRed);
  EXPECT_EQ(text_of(painter.take()), ".......\n..###..\n.#####.\n.#####.\n.#####.\n..###..\n.......\n");
}

// Each of the library's worlds has a picture, which says where it is: as many different ones as texts.
TEST(Picture, OfEveryEnvironmentChangesWithIt) {
  EnvOptions options;
  options.minatar.sticky_action_probability = 0;
  for (const std::string& id : env_ids()) {
    SCOPED_TRACE(id);
    const std::unique_ptr<Env> env = find_env(id, options)();
    env->reset(3);
    Random random(5);
    const Picture first = env->picture();
    ASSERT_EQ(first.rgb.size(), 3u * static_cast<size_t>(first.width) * static_cast<size_t>(first.height));
    ASSERT_GT(first.rgb.size(), 0u);
    std::string text = env->render_text();
    std::vector<uint8_t> picture = first.rgb;
    int changes = 0;
    for (int step = 0; step < 60; ++step) {
      const auto wanted = static_cast<int64_t>(random.below(static_cast<uint64_t>(env->spec().action_count)));
      if (env->step(test::legal_from(wanted, *env)).terminated) env->reset({});
      const Picture now = env->picture();
      ASSERT_EQ(now.width, first.width);
      if (env->render_text() != text) {
        EXPECT_NE(now.rgb, picture) << text << env->render_text();
        ++changes;
      }
      text = env->render_text(), picture = now.rgb;
    }
    EXPECT_GT(changes, 1);
  }
}

TEST(Picture, OfAGridTooLargeIsNone) {
  EXPECT_TRUE((Grid{1, 641}.picture(std::string(641, '.'), 0).empty()));
  EXPECT_EQ((Grid{1, 640}.picture(std::string(640, '.'), 0).width), 640);
}

}  // namespace
}  // namespace deepq
