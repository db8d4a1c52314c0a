// An Observer that calls Python, when a step is over: the callback may save and evaluate. What it raises, or a Ctrl-C,
// ends the run and comes out of rethrow().
#pragma once

#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>

#include <atomic>
#include <exception>
#include <variant>

#include "deepq/record/observer.h"
#include "python/interrupt.h"
#include "python/py_values.h"

namespace deepq::python {

// By the names of the record's fields.
template <class Record>
nb::dict to_dict(const Record& record) {
  nb::dict result;
  visit_fields(record, [&](const RecordField& field, const auto& value) {
    result[nb::str(field.name.data(), field.name.size())] = value;
  });
  return result;
}

class Listener final : public Observer {
 public:
  // `every_step`: called without arguments after each step, where it is not None. `returns`: of all episodes, to which
  // those seen are added. `stop` is set to end the run, `in_callback` while a callback is running.
  Listener(nb::object callback, nb::object every_step, std::vector<double>& returns, std::atomic<bool>& stop,
           bool& in_callback)
      : callback_(std::move(callback)),
        every_step_(std::move(every_step)),
        returns_(returns),
        stop_(stop),
        in_callback_(in_callback) {}

  void on_episode(const EpisodeRecord& record) override {
    returns_.push_back(record.episode_return);
    keep(record);
  }
  void on_metrics(const MetricsRecord& record) override { keep(record); }
  void on_evaluation(const EvaluationRecord& record) override {
    keep(record);
    if (record.final) tell();  // no step follows
  }
  void on_step(int64_t) override {
    if (!kept_.empty()) tell();
    if (!every_step_.is_none() && !raised_) tell_step();
    if (interrupt_raises(raised_)) stop_ = true;
  }
  void on_evaluation_step(const EvaluationProgress&) override {
    if (interrupt_raises(raised_)) stop_ = true;
  }

  void rethrow() const {
    if (raised_) std::rethrow_exception(raised_);
  }

 private:
  using Record = std::variant<EpisodeRecord, MetricsRecord, EvaluationRecord>;

  void keep(Record record) {
    if (!callback_.is_none()) kept_.push_back(std::move(record));
  }
  void tell();
  void tell_step();
  template <class Call>
  void in_callback(const Call& call);  // call() -> what the callback returned; with the GIL held

  nb::object callback_, every_step_;
  std::vector<double>& returns_;
  std::atomic<bool>& stop_;
  bool& in_callback_;
  std::vector<Record> kept_;  // of this step
  std::exception_ptr raised_;
};

}  // namespace deepq::python
