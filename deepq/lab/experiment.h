// The lab: one experiment for each claim of the chapter. An experiment is a claim, settings that each give a JobResult
// for a seed, and statements that are decided by the results of all settings and seeds. A new one is one file and one
// line in experiments.cc.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "deepq/lab/check.h"
#include "deepq/page/chart.h"
#include "deepq/page/intervals.h"
#include "deepq/page/table.h"

namespace deepq::lab {

struct Curve {
  std::vector<double> x, y;
};

// What one job, a setting with a seed, measured. All of it is kept on disk, so an interrupted experiment goes on where
// it was. NaN: not a number that this job could measure; infinite: it diverged (outcomes.h).
struct JobResult {
  std::map<std::string, double> values;
  std::map<std::string, Curve> curves;
  bool diverged =
      false;  // training threw deepq::Divergence; then there is nothing else. What becomes of it: outcomes.h
};

struct Job {
  int64_t seed = 0;
  bool quick = false;                                  // a small version, for a first look
  std::function<void(double fraction)> progress = {};  // how much of the job is done, 0 to 1; may be called often
  const std::atomic<bool>* stop = nullptr;             // call check_stop() now and then

  void report(double fraction) const {
    if (progress) progress(fraction);
    check_stop();
  }
  void check_stop() const;  // throws Stopped
};

// Thrown through a job when the user wants to stop. Not an error.
struct Stopped {};

struct Setting {
  std::string name;  // of letters, digits, '.', '-', '_', '+' and '='; unique in the experiment
  std::function<JobResult(const Job&)> run;
  std::string config = {};  // what it runs, in words of its own or as TOML; results of another one are not taken up
};

// All results, by setting and seed, in the order of seeds. Every setting has all its seeds.
class Results {
 public:
  bool quick = false;
  std::vector<std::string> settings;  // in the experiment's order
  std::map<std::string, std::vector<JobResult>> jobs;

  // NaN where a job has no such value, and where it diverged. For pictures and tables; statements take outcomes.h.
  std::vector<double> values(const std::string& setting, const std::string& name) const;
  // Where a job diverged: NaN at the x of the others.
  std::vector<Curve> curves(const std::string& setting, const std::string& name) const;
  int64_t seeds() const { return static_cast<int64_t>(jobs.at(settings.front()).size()); }
  int64_t diverged(const std::string& setting) const;  // seeds
};

// Many lines that one frame could not tell apart: a small chart for each, on one scale (lines.h).
struct Multiples {
  std::string title, caption;
  std::vector<page::Chart> charts;
};

// A word of the statements, for those who do not know it.
struct Term {
  std::string word, meaning;
};

struct Finding {
  std::vector<Check> checks;       // what the verdict is computed from; at least one
  std::vector<std::string> facts;  // what is claimed and could not have come out otherwise: no part of the verdict
  std::string measured;  // what these runs say to the experiment's question, with numbers, in a sentence or two
  std::string picture;   // HTML that helps to understand the question, such as a drawing of the world
  std::vector<Term> terms;
  std::vector<page::Table> tables;
  std::vector<page::IntervalChart> intervals;
  std::vector<page::Chart> charts;
  std::vector<Multiples> multiples;
  std::vector<std::string> notes;     // what a reader must know to read the pictures
  std::vector<std::string> cautions;  // and before believing any number: of the runs, not of the experiment
  bool quick = false;                 // then nothing is decided
};

// The textbook chapter that the lab follows.
constexpr const char* kChapter = "Deep Q-Networks";

struct Experiment {
  std::string name;      // "target-network"
  std::string section;   // of the chapter, by the chapter's own title
  std::string question;  // what a student asks there: "Why ...?"
  std::string because;   // the answer, whatever was measured: "Because ..."
  std::string claim;     // the chapter's, in one sentence
  std::string design;    // how it is put to the test: environments, settings, what is measured, units
  // So many that each statement is decided with 80% power at the effect that docs/chapter.md names.
  int64_t seeds = 20, quick_seeds = 5;
  // What all of it takes of one core, about: for those who choose what to run. Measured on an AMD EPYC with AVX-512.
  double core_minutes = 0, quick_core_minutes = 0;
  std::vector<Setting> (*settings)(bool quick);
  std::vector<Check> (*checks)(const Results& results);  // neither decided nor shown yet
  Finding (*figures)(const Results& results);            // all else
};

// The whole: the experiment's checks, decided and with their intervals, its figures, and what became of its seeds.
Finding conclude(const Experiment& experiment, const Results& results);

// None of a quick version, which only shows the pictures.
std::optional<Verdict> verdict(const Finding& finding);

}  // namespace deepq::lab
