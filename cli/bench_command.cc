#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>

#include "cli/commands.h"
#include "cli/output.h"
#include "cli/text.h"
#include "deepq/config/run_config.h"
#include "deepq/core/error.h"
#include "deepq/core/sha256.h"
#include "deepq/core/version.h"
#include "deepq/env/registry.h"
#include "deepq/nn/kernels/kernels.h"
#include "deepq/train/bench.h"

namespace deepq::cli {
namespace {

struct BenchOptions {
  std::vector<std::string> presets;
  std::string kernels;
  bool signature = false, strict = false, variants = false, pixels = false, envs = false, json = false;
  int64_t threads = 1;  // of the pixels' network

  Arithmetic arithmetic() const { return strict ? Arithmetic::kStrict : Arithmetic::kFast; }
};

void time(const std::vector<UpdateTiming>& timings, Arithmetic arithmetic, bool json) {
  const std::string_view kernels = kernels_for({Engine::kAuto, arithmetic}).name;
  auto updates = nlohmann::ordered_json::array();
  if (!json) std::cout << "One update on CartPole's shapes, one thread, kernels: " << kernels << std::endl;
  for (const UpdateTiming& timing : timings) {
    std::vector<std::string> sizes;
    for (const int64_t size : timing.hidden_sizes) sizes.push_back(std::to_string(size));
    if (!json)
      std::cout << padded(timing.variant, 12)
                << padded(join(sizes, "-") + ", batch " + std::to_string(timing.batch_size), 22) << "median "
                << right_aligned(fixed(timing.median_us, 1), 7) << " us   fastest "
                << right_aligned(fixed(timing.min_us, 1), 7) << " us\n";
    updates.push_back({{"variant", timing.variant},
                       {"hidden_sizes", timing.hidden_sizes},
                       {"batch_size", timing.batch_size},
                       {"median_us", timing.median_us},
                       {"min_us", timing.min_us}});
  }
  if (json) print_json({{"deepq_version", version()}, {"kernels", kernels}, {"updates", updates}});
}

void time(const std::vector<PixelTiming>& timings, const BenchOptions& options) {
  const int64_t threads = options.threads;
  const bool json = options.json;
  const std::string_view kernels = kernels_for({Engine::kAuto, options.arithmetic()}).name;
  auto works = nlohmann::ordered_json::array();
  if (!json)
    std::cout << "The Nature network on 4 x 84 x 84 pixels, batch 32, "
              << (threads > 1 ? std::to_string(threads) + " threads, wall time" : "one thread, processor time")
              << ", kernels: " << kernels << "\n";
  for (const PixelTiming& timing : timings) {
    if (!json)
      std::cout << padded(timing.work, 12) << "median " << right_aligned(fixed(timing.median_us, 1), 8)
                << " us   fastest " << right_aligned(fixed(timing.min_us, 1), 8) << " us\n";
    works.push_back({{"work", timing.work}, {"median_us", timing.median_us}, {"min_us", timing.min_us}});
  }
  if (json) print_json({{"deepq_version", version()}, {"kernels", kernels}, {"threads", threads}, {"pixels", works}});
}

void time(const std::vector<EnvTiming>& timings, bool json) {
  auto envs = nlohmann::ordered_json::array();
  if (!json) std::cout << "Random actions, one thread, resets included; steps/s" << std::endl;
  for (const EnvTiming& timing : timings) {
    if (!json)
      std::cout << padded(timing.id, 26) << "median " << right_aligned(fixed(timing.median_steps_per_second, 0), 10)
                << "   fastest " << right_aligned(fixed(timing.max_steps_per_second, 0), 10) << "\n";
    envs.push_back({{"id", timing.id},
                    {"median_steps_per_second", timing.median_steps_per_second},
                    {"max_steps_per_second", timing.max_steps_per_second}});
  }
  if (json) print_json({{"deepq_version", version()}, {"envs", envs}});
}

struct Signatures {
  nlohmann::ordered_json presets = nlohmann::ordered_json::object();
  std::string lines;

  void add(const std::string& preset, const std::string& shown, Numerics numerics) {
    const std::string hash = deepq::signature(preset, numerics);
    presets[preset] = hash;
    // of_all() hashes these lines as they are printed.
    lines += shown + "  " + hash + "\n";
  }
  std::string of_all() const { return sha256_hex(std::as_bytes(std::span(lines))); }
};

// One hash per preset and one over all of them: the behaviour of the whole program, whoever has brought environments.
// Then the same of the vector kernels, where this machine has any, and of the presets whose worlds come with Python:
// these have no common hash, as other versions of those packages may play otherwise. Where presets are named, their
// lines alone.
void sign(const std::vector<std::string>& asked, bool json) {
  // Where the machine has no vector kernels both names are "plain", and the second half would repeat the first.
  const bool vector = kernels_for(Engine::kAuto).name != kernels_for(Engine::kPlain).name;
  Signatures plain, fast, worlds;
  for (const std::string& name : asked.empty() ? preset_names() : asked) {
    const std::string env = preset(name).env.id;
    if (is_env_id(env)) {
      plain.add(name, name, Engine::kPlain);
      if (vector) fast.add(name, name + " vector", Engine::kAuto);
    } else if (has_env_source() && vector) {  // in plain loops pixels take minutes
      worlds.add(name, name + " vector", Engine::kAuto);
    } else if (!asked.empty()) {
      throw Error("preset " + name + " has no line in this program's signature: " + env +
                  " comes with Python and is hashed with vector kernels");
    }
  }
  const bool all = asked.empty();
  if (json) {
    nlohmann::ordered_json content{{"deepq_version", version()}, {"presets", plain.presets}};
    if (all) content["signature"] = plain.of_all();
    content["vector_presets"] = fast.presets;
    if (all) content["vector_signature"] = fast.of_all();
    content["python_presets"] = worlds.presets;
    return print_json(content);
  }
  if (!all) {
    std::cout << plain.lines << fast.lines << worlds.lines;
    return;
  }
  std::cout << plain.lines << "signature " << plain.of_all() << "\n";
  if (vector) std::cout << fast.lines << "vector signature " << fast.of_all() << "\n" << worlds.lines;
}

// In strict arithmetic all machines have one hash for each preset, and one over all.
void sign_strictly(const std::vector<std::string>& asked, bool json) {
  Signatures strict;
  for (const std::string& name : asked.empty() ? preset_names() : asked) {
    const std::string env = preset(name).env.id;
    if (is_env_id(env))
      strict.add(name, name + " strict", {Engine::kAuto, Arithmetic::kStrict});
    else if (!asked.empty())
      throw Error("preset " + name + " has no line in the strict signature: " + env + " comes with Python");
  }
  if (json) {
    nlohmann::ordered_json content{{"deepq_version", version()}, {"strict_presets", strict.presets}};
    if (asked.empty()) content["strict_signature"] = strict.of_all();
    return print_json(content);
  }
  std::cout << strict.lines;
  if (asked.empty()) std::cout << "strict signature " << strict.of_all() << "\n";
}

}  // namespace

void add_bench_command(CLI::App& program, int&) {
  CLI::App* const command = program.add_subcommand("bench", "time the update on this machine, or print the signature");
  const auto options = std::make_shared<BenchOptions>();
  CLI::Option* const signature = command->add_flag("--signature", options->signature,
                                                   "hashes of short runs: they change when, and only when, results do");
  command
      ->add_option("--kernels", options->kernels,
                   "vector kernels other than the best that this CPU has, such as avx2, baseline, plain")
      ->type_name("NAME");
  command->add_flag("--strict", options->strict,
                    "in strict arithmetic; with --signature: hashes that are the same on every machine");
  command->add_option("--preset", options->presets, "presets whose lines alone --signature prints")
      ->type_name("NAME")
      ->needs(signature);
  command->add_flag("--variants", options->variants, "time the update of each variant of the family instead");
  command->add_flag("--pixels", options->pixels,
                    "time the Nature network's update, replay and acting on pixels instead");
  command->add_option("--threads", options->threads, "threads that share each pass, with --pixels; 1 to 64, default 1")
      ->type_name("N")
      ->check(CLI::Range(1, 64).description(""));
  command->add_flag("--envs", options->envs, "time the steps of every environment instead");
  add_json_option(*command, options->json);
  command->callback([options] {
    if (!options->kernels.empty()) use_kernels(options->kernels);
    // One thing at a time: of several flags the first of these lines.
    if (options->strict && options->signature) return sign_strictly(options->presets, options->json);
    if (options->signature) return sign(options->presets, options->json);
    if (options->envs) return time(time_envs(), options->json);
    if (options->pixels) return time(time_pixels(options->threads, options->arithmetic()), *options);
    const Arithmetic arithmetic = options->arithmetic();
    time(options->variants ? time_variants(arithmetic) : time_updates(arithmetic), arithmetic, options->json);
  });
}

}  // namespace deepq::cli
