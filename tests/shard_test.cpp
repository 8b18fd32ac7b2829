#include "initsweep/shard.hpp"

#include <stdexcept>
#include "initsweep/identity.hpp"
#include "sweep_text.hpp"

namespace initsweep {
namespace {

TEST(Shard, IsReadAsItIsWritten) {
  EXPECT_EQ(parse_shard("2/3"), (Shard{2, 3}));
  EXPECT_EQ(parse_shard("1/1"), Shard());
  EXPECT_EQ(parse_shard("100000/100000"), (Shard{100'000, 100'000}));
  EXPECT_EQ(parse_shard("07/12"), (Shard{7, 12}));  // as `seq -w` counts
  EXPECT_EQ(to_text(Shard{2, 3}), "2/3");
}

TEST(Shard, IsAPartOfSoMany) {
  for (const char* text : {"", "/", "2", "2/", "/3", "0/3", "4/3", "-1/3", "1/0", "1/100001", "1.0/3", "1/3/5", " 1/3",
                           "1/3 ", "1/99999999999999999999", "one/3"})
    EXPECT_EQ(parse_shard(text), std::nullopt) << text;
}

// By Python: int("ffffffffffffffff", 16) % 7 + 1, and so on.
TEST(Shard, OfAJobIsItsIdAsAnIntegerModNPlusOne) {
  EXPECT_EQ(shard_of("j_0000000000000000", 7), 1);
  EXPECT_EQ(shard_of("j_0000000000000006", 7), 7);
  EXPECT_EQ(shard_of("j_0000000000000007", 7), 1);
  EXPECT_EQ(shard_of("j_ffffffffffffffff", 7), 2);
  EXPECT_EQ(shard_of("j_8000000000000000", 3), 3);
  EXPECT_EQ(shard_of("j_123456789abcdef0", 1000), 321);
  EXPECT_EQ(shard_of("j_123456789abcdef0", 1), 1);
}

TEST(Shard, OfWhatIsNoJobIdIsAnError) {
  for (const char* id : {"", "j_", "c_0123456789abcdef", "j_0123456789abcde", "j_0123456789abcdef0",
                         "j_0123456789abcdeg", "j_-123456789abcdef"})
    EXPECT_THROW((void)shard_of(id, 3), std::invalid_argument) << id;
}

TEST(Shard, ShardsHaveEveryJobOnceAndInOrder) {
  const Grid whole = expand(parsed("grid: {activation: [relu, tanh], depth: [1, 2, 3, 4, 5]}\nseeds: 4\n"),
                            {{"mnist", std::string(kMnistDigest)}});
  for (const int count : {1, 2, 3, 7, 100}) {
    std::vector<std::string> found;
    for (int index = 1; index <= count; ++index) {
      Grid shard = whole;
      keep_shard(shard, {index, count});
      EXPECT_EQ(shard.shard, (Shard{index, count}));
      EXPECT_EQ(shard.cells.size(), whole.cells.size());
      std::size_t next = 0;
      for (const Job& job : shard.jobs) {
        while (next < whole.jobs.size() && whole.jobs[next].id != job.id) ++next;
        ASSERT_LT(next++, whole.jobs.size()) << "not in plan order: " << job.id;
        found.push_back(job.id);
      }
    }
    std::vector<std::string> planned;
    for (const Job& job : whole.jobs) planned.push_back(job.id);
    std::sort(planned.begin(), planned.end());
    std::sort(found.begin(), found.end());
    EXPECT_EQ(found, planned) << count;
  }
}

}  // namespace
}  // namespace initsweep
