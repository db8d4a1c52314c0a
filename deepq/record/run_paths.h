// What the files of a run folder are called, and where they lie; docs/run_folder.md says what is in each.
#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace deepq {

inline constexpr char kConfigFile[] = "config.toml";
inline constexpr char kEpisodesFile[] = "episodes.csv";
inline constexpr char kMetricsFile[] = "metrics.csv";
inline constexpr char kEvaluationsFile[] = "evaluations.csv";
inline constexpr char kSummaryFile[] = "summary.json";
inline constexpr char kReportFile[] = "report.html";
inline constexpr char kFailureFile[] = "error.txt";  // the error that ended the last session
inline constexpr char kLockFile[] = ".lock";
inline constexpr char kEventFileBegin[] = "events.out.tfevents.";
inline constexpr char kCheckpointFolder[] = "checkpoints";
inline constexpr char kSeedFolderBegin[] = "seed-";
inline constexpr char kGroupFile[] = "group.json";  // beside seed-0, seed-1, ...: what the group is to be

// What readers of a run look at, in the order of its page.
inline constexpr std::array<const char*, 5> kFilesOfARun{kConfigFile, kEpisodesFile, kMetricsFile, kEvaluationsFile,
                                                         kSummaryFile};

inline std::string config_path(const std::string& folder) { return folder + "/" + kConfigFile; }
inline std::string episodes_path(const std::string& folder) { return folder + "/" + kEpisodesFile; }
inline std::string summary_path(const std::string& folder) { return folder + "/" + kSummaryFile; }
inline std::string report_path(const std::string& folder) { return folder + "/" + kReportFile; }
inline std::string failure_path(const std::string& folder) { return folder + "/" + kFailureFile; }
inline std::string lock_path(const std::string& folder) { return folder + "/" + kLockFile; }
inline std::string seed_folder(const std::string& group, int64_t seed) {
  return group + "/" + kSeedFolderBegin + std::to_string(seed);
}
inline std::string group_path(const std::string& folder) { return folder + "/" + kGroupFile; }
inline std::string checkpoint_folder(const std::string& folder) { return folder + "/" + kCheckpointFolder; }

}  // namespace deepq
