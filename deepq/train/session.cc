#include "deepq/train/session.h"

#include <algorithm>
#include <filesystem>

#include "deepq/config/flat_toml.h"
#include "deepq/core/error.h"
#include "deepq/record/files.h"
#include "deepq/record/run_folder.h"

namespace deepq {
namespace {

namespace fs = std::filesystem;

// The trainer wants to know how long it will train before anyone has said so.
RunConfig with_some_length(RunConfig config) {
  config.train.env_steps = std::max<int64_t>(config.train.env_steps, 1);
  return config;
}

bool lies_in(const CheckpointFile& checkpoint, const std::string& folder) {
  std::error_code ignored;
  return fs::equivalent(fs::path(checkpoint.path()).parent_path(), checkpoint_folder(folder), ignored);
}

// The folder's newest checkpoint is its agent: one of an earlier step, or one that another program has trained on
// meanwhile, would write a second run beside it.
void require_newest(const std::string& folder, int64_t env_steps) {
  const auto newest = newest_checkpoint_name(checkpoint_folder(folder));
  if (newest && newest->env_steps != env_steps)
    throw Error::of("the run in ", folder, " is at step ", newest->env_steps, " and this agent at step ", env_steps,
                    "; load the folder to go on in it, or choose another folder");
}

// Another world than the run was in, as load(env=) of Python gives; trainer.cc tells its id.
ConfigHistory changes_of_world(const CheckpointFile& checkpoint, const Trainer& trainer) {
  const auto toml = checkpoint.metadata().find("config");
  if (toml == checkpoint.metadata().end()) return {};
  const std::string key = "gymnasium.kwargs";
  const std::string before = flat_toml(toml->second, checkpoint.path())[key];  // "" in an older file
  const std::string now = flat_toml(to_toml(trainer.config()), kConfigFile)[key];
  if (before == now) return {};
  return {{trainer.env_steps(), key, before, now}};
}

std::string why_fresh_episodes(const Trainer& trainer) {
  const std::string &before = trainer.loaded_env(), &now = trainer.env_spec().id;
  if (before != now) return "the run was in " + before + " and goes on in " + now + ", with fresh episodes";
  return now + " cannot save its state: the run goes on with fresh episodes";
}

}  // namespace

Session::Session(const RunConfig& config, EnvFactory env, std::unique_ptr<VectorEnv> vector_env)
    : trainer_(with_some_length(config), std::move(env), std::move(vector_env)) {}

void Session::restore(const CheckpointFile& checkpoint) {
  Archive archive(checkpoint.tensors());
  broken_ = "a checkpoint that did not fit is half restored";  // said by learn() if this throws in the middle
  try {
    trainer_.set_history(history_in(checkpoint.metadata()));
    trainer_.serialize(archive);
  } catch (const Error& error) {
    throw Error::of(checkpoint.path(), " does not fit: ", error.what());
  }
  broken_ = "";
  restored_from_.emplace(checkpoint.path());
}

void Session::take_replay(const CheckpointFile& checkpoint) {
  Archive archive(checkpoint.tensors());
  const std::string before = broken_;
  // Until it has worked: what an exception leaves is half a replay, from which nothing is to be learnt.
  broken_ = "a replay that did not fit is half loaded";
  try {
    trainer_.take_replay(archive);
  } catch (const Error& error) {
    throw Error::of("the replay of ", checkpoint.path(), " does not fit: ", error.what());
  }
  broken_ = before;
}

// The folder is one however it is called, and stays where it is when the program changes its working folder.
RunSummary Session::learn(int64_t env_steps, const RunOptions& called) {
  RunOptions options = called;
  if (!options.folder.empty()) options.folder = canonical_path(options.folder);
  if (!broken_.empty()) throw Error::of(broken_, ", so this agent only acts; load its last checkpoint");
  if (env_steps < 1) throw Error::of("the number of steps to learn is ", env_steps, "; allowed: at least 1");
  std::optional<RunLock> lock;
  bool goes_on = false;
  if (!options.folder.empty()) {
    // This session's own folder, or the one whose checkpoint it was loaded from: any other is a new run.
    goes_on = recorder_ ? options.folder == folder_ : restored_from_ && lies_in(*restored_from_, options.folder);
    if (goes_on)
      lock.emplace(options.folder);
    else
      lock.emplace(create_run_folder(options.folder));
    // Under the lock, so that nobody trains on in between.
    if (goes_on) require_newest(options.folder, trainer_.env_steps());
  }
  const int64_t length = trainer_.env_steps() + env_steps;
  if (depends_on_the_length(trainer_.config()))  // otherwise several calls are as good as one
    trainer_.add_to_history(length_changes(trainer_.config().train, length, trainer_.env_steps()));
  trainer_.set_length(length);
  // Once, in the first learn() after loading.
  if (restored_from_) trainer_.add_to_history(changes_of_world(*restored_from_, trainer_));
  if (restored_from_ && !trainer_.restored_exactly()) options.notice(why_fresh_episodes(trainer_));
  trainer_.clear_observers();
  if (options.folder.empty()) {
    recorder_.reset();
  } else {
    const std::string toml = readable_toml(trainer_.config());
    recorder_.emplace(options.folder, toml, LogStart::kGoOn);  // also where another program wrote into the logs
    if (goes_on && restored_from_)
      for (const std::string& line : recorder_->restore_logs(*restored_from_)) options.notice(line);
    // Before the checkpoint: none is ever there without the settings that it was made with.
    write_file_atomically(config_path(options.folder), toml);
    recorder_->begin_session();
    recorder_->set_config(toml);
    folder_ = options.folder;
    recorder_->checkpoint(trainer_);
    recorder_->observe(trainer_);
  }
  restored_from_.reset();
  for (Observer* observer : options.observers) trainer_.add_observer(*observer);
  broken_ = "an environment broke while learning";  // until it is over
  const RunSummary summary = train_to_end(trainer_, recorder_ ? &*recorder_ : nullptr, options);
  broken_ = "";
  return summary;
}

void Session::save(const std::string& path) {
  require_finite(trainer_);
  Archive archive;
  trainer_.serialize(archive);
  write_checkpoint_file(path, archive, run_metadata(trainer_, readable_toml(trainer_.config())));
}

}  // namespace deepq
