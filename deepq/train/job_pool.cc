#include "deepq/train/job_pool.h"

#include <vector>

namespace deepq {

size_t JobPool::run(size_t count, const std::function<void(size_t)>& job, const std::function<bool()>& stop) {
  begun_ = 0;
  failure_ = nullptr;
  failed_ = false;
  std::vector<Thread> threads;
  for (int64_t i = 0; i < at_a_time_; ++i) threads.emplace_back([&] { work(count, job, stop); });
  for (Thread& thread : threads) thread.join();
  if (failure_) std::rethrow_exception(failure_);
  return begun_;
}

void JobPool::work(size_t count, const std::function<void(size_t)>& job, const std::function<bool()>& stop) try {
  for (size_t index = next(count, stop); index < count; index = next(count, stop)) job(index);
} catch (...) {
  const ScopedLock lock(mutex_);
  // No job begins from now on; the others end in their own time.
  failed_ = true;
  if (!failure_) failure_ = std::current_exception();
}

// The next one to begin; `count`: none. Asked and counted under one lock, so that jobs that began are the first ones.
size_t JobPool::next(size_t count, const std::function<bool()>& stop) {
  const ScopedLock lock(mutex_);
  if (failed_ || begun_ == count || (stop && stop())) return count;
  return begun_++;
}

}  // namespace deepq
