// Independent jobs side by side: the runs of many seeds, the jobs of the lab's experiments. Each job is one thread's
// from beginning to end, so what it computes does not depend on how many run at a time.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>

#include "deepq/core/threads.h"

namespace deepq {

class JobPool {
 public:
  explicit JobPool(int64_t at_a_time) : at_a_time_(at_a_time) {}

  // Calls job(index) for 0 to count - 1, which begin in this order, in threads of the pool's; `stop` is asked before
  // each begins. Blocks until all that began have ended. Returns how many began. After an exception in a job no other
  // begins, and the first is thrown on from here.
  size_t run(size_t count, const std::function<void(size_t)>& job, const std::function<bool()>& stop = {});

  // For jobs that others' failure should end. Thread-safe.
  bool has_failed() const { return failed_; }

 private:
  void work(size_t count, const std::function<void(size_t)>& job, const std::function<bool()>& stop);
  size_t next(size_t count, const std::function<bool()>& stop);

  const int64_t at_a_time_;
  Mutex mutex_;  // guards begun_ and failure_
  size_t begun_ = 0;
  std::exception_ptr failure_;
  std::atomic<bool> failed_{false};
};

}  // namespace deepq
