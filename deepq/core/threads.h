// Threads and locks, where the system has them; WebAssembly has none, and the library that only acts starts none: there
// a thread's work is done before its constructor returns, and there is nobody to lock out. The one place that says so.
#pragma once

#if defined(__wasm__) || defined(DEEPQ_ONLY_ACTS)

namespace deepq {

inline constexpr bool kHasThreads = false;

class Thread {
 public:
  template <class Work>
  explicit Thread(const Work& work) {
    work();
  }
  void join() {}
};

class Mutex {
 public:
  void lock() {}
  void unlock() {}
};

inline void let_others_run() {}
inline void sleep_milliseconds(int) {}

}  // namespace deepq

#else

#include <chrono>
#include <mutex>
#include <thread>

namespace deepq {

inline constexpr bool kHasThreads = true;

using Thread = std::jthread;
using Mutex = std::mutex;

inline void let_others_run() { std::this_thread::yield(); }
inline void sleep_milliseconds(int time) { std::this_thread::sleep_for(std::chrono::milliseconds(time)); }

}  // namespace deepq

#endif

namespace deepq {

// Locks a mutex while it lives.
class ScopedLock {
 public:
  explicit ScopedLock(Mutex& mutex) : mutex_(mutex) { mutex_.lock(); }
  ~ScopedLock() { mutex_.unlock(); }
  ScopedLock(const ScopedLock&) = delete;
  ScopedLock& operator=(const ScopedLock&) = delete;

 private:
  Mutex& mutex_;
};

}  // namespace deepq
