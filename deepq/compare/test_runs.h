// Run folders and files for the tests of this layer, as the program and other libraries write them.
#pragma once

#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "deepq/record/summary.h"
#include "tests/test_support.h"

namespace deepq::compare {

// A run folder, with the seed that its name ends with, whose episodes take 10 steps each; without a summary when
// `evaluation` is NaN.
inline void write_run(const std::string& folder, const std::string& env, const std::vector<double>& returns,
                      double evaluation, const std::string& other_settings = "") {
  std::filesystem::create_directories(folder);
  const std::string seed = folder.substr(folder.find_last_not_of("0123456789") + 1);
  test::spit(folder + "/config.toml",
             "[env]\nid = '" + env + "'\n[train]\nseed = " + (seed.empty() ? "0" : seed) + "\n" + other_settings);
  std::string rows = "episode,env_steps,return,length,epsilon,seconds\n";
  for (size_t i = 1; i <= returns.size(); ++i) {
    rows += std::to_string(i) + "," + std::to_string(10 * i) + "," + number_text(returns[i - 1]) + ",10,0.1,1\n";
  }
  test::spit(folder + "/episodes.csv", rows);
  test::spit(folder + "/metrics.csv",
             "env_steps,updates,loss,mean_q,max_abs_q,grad_norm,epsilon,learning_rate,seconds\n");
  test::spit(folder + "/evaluations.csv",
             "env_steps,episodes,mean_return,std_return,min_return,max_return,mean_length,final\n");
  if (std::isnan(evaluation)) return;
  const RunSummary summary{.env = env,
                           .preset = "",
                           .seed = seed.empty() ? 0 : std::stoll(seed),
                           .env_steps = 10 * static_cast<int64_t>(returns.size()),
                           .eval_mean_return = evaluation,
                           .eval_episodes = 100,
                           .weights_sha256 = "",
                           .stopped_by = "env_steps"};
  test::spit(folder + "/summary.json", summary.to_json());
}

// What Stable-Baselines3's Monitor writes (common/monitor.py of 2.9): JSON after '#', then rows of Python's csv module,
// which end in "\r\n".
inline std::string monitor_csv(const std::string& env, const std::vector<std::pair<double, int>>& returns_and_lengths) {
  std::string text = "#{\"t_start\": 1732500000.1234567, \"env_id\": \"" + env + "\"}\nr,l,t\r\n";
  double seconds = 0;
  for (const auto& [episode_return, length] : returns_and_lengths) {
    text += number_text(episode_return) + "," + std::to_string(length) + "," + number_text(seconds += 0.25) + "\r\n";
  }
  return text;
}

}  // namespace deepq::compare
