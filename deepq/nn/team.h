// Threads that share one piece of work: each calls the same function with the number of its part, and all wait for the
// last. Between two pieces they stay awake for some microseconds, as the next layer follows at once, and sleep then.
#pragma once

#include <atomic>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "deepq/core/arithmetic.h"
#include "deepq/core/threads.h"

namespace deepq {

class Team {
 public:
  explicit Team(int64_t threads,
                Arithmetic arithmetic =
                    Arithmetic::kFast);  // with the caller's own: Team(1) starts none, nor any where there are none
  ~Team();
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

  int64_t size() const { return static_cast<int64_t>(workers_.size()) + 1; }

  // Calls body(first, count), or body(first, count, thread), for parts of 0 ... n - 1 that begin at multiples of
  // `grain`, each part on a thread of its own, or for the whole where that is one part. Allocates nothing. `body` must
  // not throw, nor call split.
  template <class Body>
  void split(int64_t n, int64_t grain, const Body& body) {
    const int64_t grains = (n + grain - 1) / grain, parts = grains < size() ? grains : size();
    const auto call = [&](int64_t first, int64_t count, int64_t part) {
      if constexpr (std::is_invocable_v<Body, int64_t, int64_t, int64_t>)
        body(first, count, part);
      else
        body(first, count);
    };
    if (parts <= 1) return call(0, n, 0);
    run([&](int64_t part) {
      if (part >= parts) return;
      const int64_t first = part * grains / parts * grain, end = (part + 1) * grains / parts * grain;
      call(first, (end < n ? end : n) - first, part);
    });
  }

 private:
  template <class Part>
  void run(const Part& part) {
    run_erased([](const void* self, int64_t i) { (*static_cast<const Part*>(self))(i); }, &part);
  }
  void run_erased(void (*call)(const void*, int64_t), const void* part);
  void work(int64_t part);

  Arithmetic arithmetic_;
  void (*call_)(const void*, int64_t) = nullptr;
  const void* part_ = nullptr;
  std::atomic<uint32_t> round_ = 0;   // of work; kEnd: there will be none
  std::atomic<int64_t> working_ = 0;  // workers that have not finished this round
  std::vector<Thread> workers_;
};

}  // namespace deepq
