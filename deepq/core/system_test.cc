#include "deepq/core/system.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tests/test_support.h"

namespace deepq::system {
namespace {

namespace fs = std::filesystem;

// In a folder of its own that is gone afterwards.
class SystemTest : public testing::Test {
 protected:
  std::string path(const std::string& name) const { return folder_ / name; }

  test::TemporaryFolder folder_;
};

std::string text_of(const std::string& path) {
  const Descriptor file = open_file(path, Access::kRead);
  std::string text(1 << 16, '\0');
  text.resize(static_cast<size_t>(read_some(file, std::as_writable_bytes(std::span(text)))));
  close_file(file);
  return text;
}

void write_text(Descriptor file, std::string_view text) {
  const Bytes piece = std::as_bytes(std::span(text));
  ASSERT_TRUE(write_all(file, std::span(&piece, 1)));
}

// More than one call takes, empty ones at the ends, in the middle and where a batch ends.
TEST_F(SystemTest, PiecesAreWrittenInOrder) {
  std::vector<std::string> parts(200);
  std::string whole;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (i != 0 && i != 63 && i != 64 && i % 7 != 0 && i + 1 != parts.size()) parts[i] = std::to_string(i) + ",";
    whole += parts[i];
  }
  std::vector<Bytes> pieces;
  for (const std::string& part : parts) pieces.push_back(std::as_bytes(std::span(part)));
  const Descriptor file = open_file(path("a"), Access::kWriteNew);
  EXPECT_TRUE(write_all(file, {}));
  EXPECT_TRUE(write_all(file, pieces));
  EXPECT_TRUE(close_file(file));
  EXPECT_EQ(text_of(path("a")), whole);
}

TEST_F(SystemTest, FilesAreOpenedAsAsked) {
  EXPECT_LT(open_file(path("a"), Access::kRead), 0);
  EXPECT_EQ(errno, ENOENT);
  const Descriptor appended = open_file(path("a"), Access::kAppend);
  write_text(appended, "one");
  const Descriptor again = open_file(path("a"), Access::kAppend);
  write_text(again, " two");
  write_text(appended, " three");
  EXPECT_EQ(text_of(path("a")), "one two three");
  EXPECT_TRUE(cut_file(again, 3) && sync_file(again));
  EXPECT_EQ(text_of(path("a")), "one");
  EXPECT_LT(open_file(path("a"), Access::kWriteNew), 0);
  EXPECT_EQ(errno, EEXIST);
  EXPECT_LT(open_file(path("a"), Access::kReadFolder), 0);
  fs::create_symlink(path("a"), path("link"));
  EXPECT_LT(open_file(path("link"), Access::kReadAny), 0);
  const Descriptor folder = open_file(path(""), Access::kReadFolder);
  EXPECT_TRUE(sync_file(folder));
  EXPECT_FALSE(file_facts(folder)->is_plain);
  for (const Descriptor file : {appended, again, folder}) EXPECT_TRUE(close_file(file));
  EXPECT_FALSE(close_file(appended));
}

TEST_F(SystemTest, FactsOfAFileOutliveItsName) {
  const Descriptor file = open_file(path("a"), Access::kReadWrite);
  write_text(file, "four");
  EXPECT_EQ(file_facts(file)->size, 4);
  EXPECT_TRUE(file_facts(file)->is_plain && file_facts(file)->has_name);
  EXPECT_TRUE(rename_file(path("a"), path("b")) && exists(path("b")) && may_read(path("b")) && !exists(path("a")));
  EXPECT_TRUE(file_facts(file)->has_name);
  EXPECT_TRUE(remove_file(path("b")));
  EXPECT_FALSE(file_facts(file)->has_name || remove_file(path("b")) || file_facts(-1).has_value());
  close_file(file);
}

TEST_F(SystemTest, ALockEndsWithTheLastDescriptorThatSharesIt) {
  const Descriptor first = open_file(path("a"), Access::kReadWrite), other = open_file(path("a"), Access::kRead);
  EXPECT_EQ(lock_file(first, true), Lock::kHad);
  EXPECT_EQ(lock_file(other, false), Lock::kTaken);
  const Descriptor shares = duplicate(first);
  close_file(first);
  EXPECT_EQ(lock_file(other, true), Lock::kTaken);
  close_file(shares);
  EXPECT_EQ(lock_file(other, true), Lock::kHad);
  EXPECT_EQ(lock_file(-1, true), Lock::kUnknown);
  close_file(other);
}

TEST_F(SystemTest, MemoryIsZeroAndMappedFilesAreTheirContent) {
  constexpr size_t kBytes = size_t{5} << 20;  // with huge pages
  auto* const memory = static_cast<char*>(map_memory(kBytes));
  ASSERT_NE(memory, nullptr);
  EXPECT_TRUE(memory[0] == 0 && memory[kBytes - 1] == 0);
  memory[kBytes - 1] = 1;
  unmap(memory, kBytes);
  EXPECT_EQ(map_memory(~size_t{0} >> 1), nullptr);
  const Descriptor file = open_file(path("a"), Access::kReadWrite);
  write_text(file, "mapped");
  void* const mapped = map_file(file, 6);
  EXPECT_EQ(std::string_view(static_cast<char*>(mapped), 6), "mapped");
  unmap(mapped, 6);
  EXPECT_EQ(map_file(-1, 6), nullptr);
  close_file(file);
}

TEST(System, KnowsTheMachine) {
  EXPECT_GE(core_count(), 1);
  EXPECT_GT(physical_memory(), 1 << 20);
  EXPECT_GT(process_id(), 0);
  EXPECT_TRUE(in_main_thread());
}

TEST_F(SystemTest, AnotherProgramReadsWhatIsWritten) {
  const std::string text(200'000, 'x');
  const auto reader = start_reader({"sh", "-c", "cat > '" + path("read") + "'; echo noise; exit 3"});
  ASSERT_TRUE(reader);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(reader->write(std::as_bytes(std::span(text))));
  EXPECT_EQ(reader->finish(), 3);
  EXPECT_EQ(fs::file_size(path("read")), 3 * text.size());
  EXPECT_FALSE(start_reader({"no-program-has-this-name"}));
}

}  // namespace
}  // namespace deepq::system
