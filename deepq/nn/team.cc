#include "deepq/nn/team.h"

#include <set>
#include <utility>

#include "deepq/core/system.h"
#include "deepq/nn/kernels/flush_denormals.h"

namespace deepq {
namespace {

constexpr uint32_t kEnd = ~0U;
constexpr int kLooks = 100;  // some 50 us

// The teams of a process that was forked have no workers: threads do not come along.
struct Teams {
  Mutex mutex;
  std::set<const Team*> living, orphaned;
  std::atomic<bool> any_orphaned{false};
};

Teams& teams() {
  static auto* const kAll = [] {
    auto* const made = new Teams;  // never deleted: teams may outlive what is static
    system::at_fork([] { teams().mutex.lock(); }, [] { teams().mutex.unlock(); },
                    [] {
                      teams().orphaned = teams().living;
                      teams().any_orphaned = !teams().living.empty();
                      teams().mutex.unlock();
                    });
    return made;
  }();
  return *kAll;
}

// Once true for each team that was forked.
bool was_orphaned(const Team* team) {
  if (!teams().any_orphaned.load(std::memory_order_relaxed)) return false;
  const ScopedLock lock(teams().mutex);
  const bool orphaned = teams().orphaned.erase(team) > 0;
  teams().any_orphaned = !teams().orphaned.empty();
  return orphaned;
}

// They cannot be joined, nor ended, nor let go of in any way that is defined.
void leak(std::vector<Thread> gone) { new std::vector<Thread>(std::move(gone)); }

// Looks at `value` until it is no longer `old`, then sleeps until it changes. Returns the new one.
template <class T>
T changed(const std::atomic<T>& value, T old) {
  for (int i = 0; i < kLooks; ++i) {
    if (const T now = value.load(std::memory_order_acquire); now != old) return now;
    let_others_run();
  }
  value.wait(old, std::memory_order_acquire);
  return value.load(std::memory_order_acquire);
}

}  // namespace

Team::Team(int64_t threads, Arithmetic arithmetic) : arithmetic_(arithmetic) {
  if (!kHasThreads) threads = 1;  // results do not depend on it
  if (threads > 1) {
    const ScopedLock lock(teams().mutex);
    teams().living.insert(this);
  }
  for (int64_t i = 1; i < threads; ++i) workers_.emplace_back([this, i] { work(i); });
}

Team::~Team() {
  if (workers_.empty()) return;
  const bool orphaned = was_orphaned(this);
  {
    const ScopedLock lock(teams().mutex);
    teams().living.erase(this);
  }
  if (orphaned) {
    leak(std::move(workers_));
    return;
  }
  round_.store(kEnd, std::memory_order_release);
  round_.notify_all();
  for (Thread& worker : workers_) worker.join();
}

void Team::run_erased(void (*call)(const void*, int64_t), const void* part) {
  if (was_orphaned(this)) {
    const int64_t threads = size();
    leak(std::exchange(workers_, {}));
    round_ = 0;
    for (int64_t i = 1; i < threads; ++i) workers_.emplace_back([this, i] { work(i); });
  }
  call_ = call;
  part_ = part;
  working_.store(static_cast<int64_t>(workers_.size()), std::memory_order_relaxed);
  // Released behind call_ and part_, which a worker reads once it has seen the new round. No round is called kEnd.
  round_.store((round_.load(std::memory_order_relaxed) + 1) % kEnd, std::memory_order_release);
  round_.notify_all();
  // The caller does part 0 itself, then waits for the others, whose results it must see.
  call(part, 0);
  for (int64_t left = working_.load(std::memory_order_acquire); left > 0;) left = changed(working_, left);
}

void Team::work(int64_t part) {
  const FlushDenormals guard(arithmetic_);  // as the caller has it
  for (uint32_t round = 0;;) {
    round = changed(round_, round);
    if (round == kEnd) return;
    call_(part_, part);
    if (working_.fetch_sub(1, std::memory_order_acq_rel) == 1) working_.notify_all();
  }
}

}  // namespace deepq
