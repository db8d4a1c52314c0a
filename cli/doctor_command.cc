#include <CLI/CLI.hpp>
#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/machine.h"
#include "cli/output.h"
#include "cli/text.h"
#include "deepq/core/system.h"
#include "deepq/core/version.h"
#include "deepq/env/registry.h"
#include "deepq/nn/kernels/kernels.h"
#include "deepq/record/run_folder.h"
#include "deepq/train/run.h"

namespace deepq::cli {
namespace {

namespace fs = std::filesystem;

// A folder of this process that goes with the object.
class ScratchFolder {
 public:
  explicit ScratchFolder(const fs::path& parent)
      : path_((parent / (".deepq-doctor-" + std::to_string(system::process_id()))).string()) {
    create_run_folder(path_);
  }
  ~ScratchFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

void require(bool condition, const char* what) {
  if (!condition) throw std::runtime_error(what);
}

void check_writing() {
  // In the folder where `deepq train` would make runs/.
  const ScratchFolder folder(".");
  write_file_atomically(folder.path() + "/text", "deepq");
  require(read_file(folder.path() + "/text") == "deepq", "a file reads back as something else");
}

// Raises the stop flag in the middle of a run.
class StopAt : public Observer {
 public:
  explicit StopAt(int64_t env_steps) : env_steps_(env_steps) {}
  void on_step(int64_t env_steps) override { stop = env_steps >= env_steps_; }

  std::atomic<bool> stop{false};

 private:
  const int64_t env_steps_;
};

// 200 steps at once, and the same 200 stopped halfway and gone on with from the checkpoint.
void check_training() {
  RunConfig config;
  config.train.env_steps = 200;
  config.eval.final_episodes = 0;
  const RunSummary unbroken = start_run(config, {});
  const ScratchFolder folder(fs::temp_directory_path());
  StopAt half_way(100);
  const RunSummary stopped =
      start_run(config, {.folder = folder.path(), .stop = &half_way.stop, .observers = {&half_way}});
  require(stopped.stopped_by == "signal", "a run cannot be stopped");
  const RunSummary resumed = resume_run({.folder = folder.path(), .observers = {}});
  // Equal weights would say nothing where no update was made.
  require(unbroken.updates > 0 && resumed.weights_sha256 == unbroken.weights_sha256,
          "a run resumed from its checkpoint differs from the unbroken one");
}

std::string failure_of(const std::function<void()>& check) {
  try {
    check();
    return "";
  } catch (const std::exception& error) {
    return error.what();
  }
}

// Two programs have this name.
std::string which_program() {
  if (!has_env_source()) return "C++; the Python package's, python -m deepq, plays Gymnasium and Atari too";
  return "Python package, with " + std::to_string(other_env_ids().size()) + " environments beside the library's own";
}

int doctor(bool json) {
  nlohmann::ordered_json object{{"program", which_program()},
                                {"deepq_version", version()},
                                {"compiler", DEEPQ_COMPILER},
                                {"cpu", cpu_name()},
                                {"kernels", kernels_for(Engine::kAuto).name},
                                {"kernels_in_words", kernels_text(Engine::kAuto)},
                                {"cores", core_count()},
                                {"memory_bytes", memory_bytes()}};
  Screen screen = make_screen({.json = json});
  // People read the same facts as --json gives, in its order.
  for (const auto& [key, value] : object.items()) {
    if (key == "kernels") continue;  // in words below
    screen.line(padded(key == "memory_bytes"       ? "memory"
                       : key == "kernels_in_words" ? "kernels"
                                                   : key,
                       16) +
                (key == "memory_bytes" ? bytes_text(value.get<double>())
                 : value.is_string()   ? value.get<std::string>()
                                       : value.dump()));
  }
  bool all_ok = true;
  const auto check = [&](const char* key, const char* name, const std::function<void()>& body) {
    const std::string failure = failure_of(body);
    all_ok &= failure.empty();
    screen.line((failure.empty() ? "ok      " : "not ok  ") + std::string(name) +
                (failure.empty() ? "" : ": " + failure));
    object["checks"][key] = failure.empty() ? "ok" : failure;
  };
  check("write", "the current folder can be written", check_writing);
  check("self_test", "200 steps of training, saved, loaded and gone on with, equal 200 steps at once", check_training);
  object["ok"] = all_ok;
  if (json) print_json(object);
  return all_ok ? 0 : 1;
}

}  // namespace

void add_doctor_command(CLI::App& program, int& status) {
  CLI::App* const command = program.add_subcommand("doctor", "show what the program runs on, and test it");
  const auto json = std::make_shared<bool>(false);
  add_json_option(*command, *json);
  command->callback([json, &status] { status = doctor(*json); });
}

}  // namespace deepq::cli
