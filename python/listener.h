// An Observer that calls Python. What the callback raises ends the run and comes out of rethrow().
#pragma once

#include <atomic>
#include <exception>

#include "deepq/train/observer.h"
#include "python/py_values.h"

namespace deepq::python {

nb::dict to_dict(const EpisodeRecord& record);
nb::dict to_dict(const MetricsRecord& record);
nb::dict to_dict(const EvaluationRecord& record);

class Listener final : public Observer {
 public:
  // `returns`: of all episodes, to which those seen are added.
  Listener(nb::object callback, std::vector<double>& returns, std::atomic<bool>& stop)
      : callback_(std::move(callback)), returns_(returns), stop_(stop) {}

  void on_episode(const EpisodeRecord& record) override {
    returns_.push_back(record.episode_return);
    tell("episode", record);
  }
  void on_metrics(const MetricsRecord& record) override { tell("metrics", record); }
  void on_evaluation(const EvaluationRecord& record) override { tell("evaluation", record); }

  void rethrow() const {
    if (raised_) std::rethrow_exception(raised_);
  }

 private:
  template <class Record>
  void tell(const char* kind, const Record& record);

  nb::object callback_;
  std::vector<double>& returns_;
  std::atomic<bool>& stop_;
  std::exception_ptr raised_;
};

}  // namespace deepq::python
