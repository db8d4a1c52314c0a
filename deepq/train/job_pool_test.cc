#include "deepq/train/job_pool.h"

#include <gtest/gtest.h>

#include <numeric>
#include <thread>
#include <vector>

#include "deepq/core/error.h"
#include "tests/test_support.h"

namespace deepq {
namespace {

using test::error_of;

TEST(JobPool, DoesEachJobOnce) {
  for (const int64_t at_a_time : {1, 3, 8}) {
    std::vector<std::atomic<int>> done(20);
    EXPECT_EQ(JobPool(at_a_time).run(done.size(), [&](size_t index) { ++done[index]; }), done.size());
    for (const std::atomic<int>& times : done) EXPECT_EQ(times, 1) << at_a_time;
  }
  EXPECT_EQ(JobPool(2).run(0, [](size_t) { FAIL(); }), 0u);
}

TEST(JobPool, RunsSoManyAtATime) {
  std::atomic<int> together{0}, most{0};
  JobPool(3).run(12, [&](size_t) {
    const int now = ++together;
    for (int seen = most; seen < now && !most.compare_exchange_weak(seen, now);) continue;
    for (int i = 0; i < 2000 && most < 3; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    --together;
  });
  EXPECT_EQ(most, 3);
}

TEST(JobPool, BeginsNoneOnceItIsStopped) {
  std::atomic<int> done{0};
  EXPECT_EQ(JobPool(1).run(
                9, [&](size_t) { ++done; }, [&] { return done == 4; }),
            4u);
  EXPECT_EQ(done, 4);
}

TEST(JobPool, ThrowsTheFirstFailureOnAndBeginsNoOther) {
  JobPool pool(1);
  std::vector<size_t> begun;
  const auto job = [&](size_t index) {
    begun.push_back(index);
    if (index == 2) throw Error("job 2 broke");
  };
  EXPECT_EQ(error_of([&] { pool.run(9, job); }), "job 2 broke");
  EXPECT_EQ(begun, (std::vector<size_t>{0, 1, 2}));
  EXPECT_TRUE(pool.has_failed());
  EXPECT_EQ(pool.run(2, [](size_t) {}), 2u) << "and can be used again";
  EXPECT_FALSE(pool.has_failed());
}

TEST(JobPool, AFailureIsSeenByTheOthers) {
  JobPool pool(2);
  EXPECT_EQ(error_of([&] {
              pool.run(2, [&](size_t index) {
                if (index == 0) throw Error("broke");
                while (!pool.has_failed()) std::this_thread::yield();
              });
            }),
            "broke");
}

}  // namespace
}  // namespace deepq
