// The runs that a comparison reads: run folders of ours, and files of other libraries: CSV, evaluations.npz, event
// files of TensorBoard. Files and folders are only read. Every error is a deepq::Error that names the file and says
// what is allowed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "deepq/core/finite.h"
#include "deepq/record/run_notes.h"

namespace deepq::compare {

struct Run {
  std::string source;    // its folder or file
  std::string env = "";  // "" when the files do not name it
  std::vector<double> steps = {},
                      returns = {};  // one of each per episode: environment steps so far (ascending), undiscounted
  std::vector<double> lengths = {};  // of the episodes; empty: unknown
  bool finished = true;        // false: still going on, stopped by a signal, or killed; of a CSV file nobody knows
  std::string reason = {};     // why it is not finished
  FlatToml config = {};        // empty of a CSV file
  int64_t first_episode = 1;   // see RunFacts
  ConfigHistory history = {};  // what was changed while it went on

  // Of Monitor's files: when the run began and its episodes ended, in seconds since 1970; NaN and empty: unknown.
  double began = kNaN;
  std::vector<double> ended = {};
  std::vector<std::string> notes = {};  // of what was left out or guessed
  size_t files = 1;                     // that hold the run
  bool has_episodes = true;             // false: a score alone, `final_evaluation`, of a table of scores
  double final_evaluation = kNaN;       // mean return after training; NaN: none
  int64_t evaluated = 0, planned = 0;   // its episodes, and those that eval.final_max_env_steps may have left out
};

// The columns of CSV files as a user names them; "": by the names that are known.
struct ColumnNames {
  std::string step = {}, episode_return = {};
};

// "STEP,RETURN". Throws deepq::Error.
ColumnNames parse_columns(const std::string& text);

// A CSV file with a column of environment steps and one of returns, under the names that deepq, CleanRL, TensorBoard
// and Weights & Biases give them (kStepNames, kReturnNames in csv_run.cc); or with r and l as Stable-Baselines3's
// Monitor writes (the lengths l add up to the steps; its first line, '#' and JSON, may name the environment and when it
// began). Names in any case and order, other columns are ignored, fields may be quoted. Separated by commas, or by
// semicolons or tabs, where a comma is then a decimal point; a byte-order mark does not count. A last line without its
// end, as a killed run leaves it, is left out with a note, where it is Monitor's or cannot be whole.
Run read_csv_run(std::string_view text, const std::string& source, const ColumnNames& columns = {});

// The same; a file may hold no episode.
Run parse_csv_run(std::string_view text, const std::string& source, const ColumnNames& columns = {});

// The runs behind the Monitor files of one folder. With several environments at a time Stable-Baselines3 writes one
// file for each, 0.monitor.csv, 1.monitor.csv and so on (make_vec_env's rank): files with a number for a name, of one
// environment, that were written at the same time are one run, whose episodes lie in the order of t_start + t and whose
// steps add up over the files. Every other file is a run.
std::vector<Run> read_monitor_runs(const std::vector<std::string>& paths);

// What Stable-Baselines3's EvalCallback writes, evaluations.npz: the episodes of its evaluations, at their steps. A
// compressed archive is refused.
Run read_evaluations_run(std::string_view bytes, const std::string& source);

// The event files of one folder, which TensorBoard takes for one run: the returns under the tags of deepq, CleanRL and
// Stable-Baselines3 (kReturnTags in other_runs.cc), or under the tag that is named for returns.
Run read_event_run(const std::vector<std::string>& paths, const ColumnNames& columns = {});

// A run folder of ours.
Run read_run_folder(const std::string& folder);

struct Task {
  std::string name;  // the world where the files name it (world_name; CSV files know the environment's id
                     // alone), else the folder's name; "" if neither
  std::vector<Run> runs;
};

struct Group {
  std::string name;                     // the folder's name
  std::vector<Task> tasks;              // by name
  std::vector<std::string> notes = {};  // what a reader must know of how its files were read
  std::string path = {};
  bool is_named = false;  // by the user
};

// The environment's id in a task's name.
std::string env_id_of(const std::string& task_name);

// `folder` holds runs, or folders of runs, one for each task. What counts as runs in a folder: itself when it has a
// config.toml; its subfolders that have one; its *monitor.csv files; or the first that it has of its *.csv files, its
// evaluations.npz, and its event files of TensorBoard.
Group read_group(const std::string& folder, const ColumnNames& columns = {});

// Several groups with the same tasks: runs of other worlds (another environment, other settings of it, another time
// limit) are refused, with the keys and values. What files do not say of their task they take from the other groups.
// A folder may be given as NAME=FOLDER; of the others equal names become the paths. A CSV file is a table of scores
// (score_table.h), with a group for each algorithm.
std::vector<Group> read_groups(const std::vector<std::string>& folders, const ColumnNames& columns = {});

}  // namespace deepq::compare
