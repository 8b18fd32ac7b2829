#include "outlook.hpp"
#include <gtest/gtest.h>
#include <string>
#include <vector>
#include "folder_holder.hpp"
#include "host.hpp"
#include "initsweep/folder_lock.hpp"
#include "temporary_folder.hpp"

namespace initsweep {
namespace {

// Four cells of one job each, whose work is 1, 2, 3 and 4.
Grid four_jobs() {
  Grid grid;
  for (std::size_t i = 0; i < 4; ++i) {
    grid.cells.push_back({.id = "c_" + std::to_string(i), .settings = {}, .names = {JobSettings{}}});
    grid.jobs.push_back({.cell = i, .seed = 1, .id = "j_" + std::to_string(i)});
  }
  return grid;
}
const std::vector<double> kWork = {1, 2, 3, 4};
constexpr const char* kSince = "2026-11-22T10:00:00Z";

void append(const std::string& file, const std::string& job, const std::string& start, double duration_s, int thread,
            JobStatus status = JobStatus::ok) {
  FinishedJob finished{.job_id = job, .record_options = {}, .record = {}, .trace = {}};
  finished.record.status = status;
  finished.trace.start = start;
  finished.trace.duration_s = duration_s;
  finished.trace.thread = thread;
  JournalWriter(file).append(finished);
}

// Job 3 took 8 s for a work of 4, so the pace is 2 s. The longest first: on the other thread job 2 (6 s) runs since the
// start and must be about to end, and job 1 (4 s) since the 8th second where job 3 was. At 10 s job 1 has 2 s to go,
// and job 0 (2 s) comes after job 2.
TEST(Outlook, TellsTheTimeLeftFromThePaceSoFar) {
  const TemporaryFolder folder;
  append(folder / "j", "j_3", kSince, 8, 0);
  append(folder / "j", "other", kSince, 0.5, 1);
  const Outlook outlook = outlook_of(four_jobs(), {}, JournalReader(folder / "j"), kSince, 10, kWork);
  EXPECT_EQ(progress_sentence(outlook.progress), "1/4 done, 2 running, 0 failed, 0 diverged, 10 s, about 2 s left");
  EXPECT_DOUBLE_EQ(outlook.jobs_a_minute, 6) << "one in ten seconds";
}

TEST(Outlook, JobsOfEarlierRunsAreDoneButTellNoPace) {
  const TemporaryFolder folder;
  append(folder / "j", "j_0", "2026-11-22T09:59:59Z", 100, 0);
  append(folder / "j", "j_1", "2026-11-22T10:01:00Z", 30, 0, JobStatus::diverged);
  const Outlook outlook = outlook_of(four_jobs(), {}, JournalReader(folder / "j"), kSince, 240, kWork);
  EXPECT_EQ(progress_sentence(outlook.progress), "2/4 done, 1 running, 0 failed, 1 diverged, 4 min 00 s");
  EXPECT_EQ(outlook.jobs_a_minute, 0) << "none in the last minute";
}

TEST(Outlook, ATimeThatIsNoneIsNotANumber) {
  EXPECT_EQ(utc_seconds("1970-01-02T00:00:01Z"), 86401);
  EXPECT_NE(utc_seconds("yesterday"), utc_seconds("yesterday"));
}

// A sandbox without /proc/locks tells nothing, and so it says.
TEST(FolderHolder, IsSeenWithoutTouchingTheLock) {
  const TemporaryFolder folder;
  EXPECT_EQ(holder_of(folder.path()), FolderHolder{});
  {
    const FolderLock lock(folder.path());
    const FolderHolder holder = holder_of(folder.path());
    EXPECT_NE(holder.occupancy, Occupancy::free);
    EXPECT_EQ(holder.process, ::getpid());
    EXPECT_EQ(holder.host, host_name());
  }
  EXPECT_NE(holder_of(folder.path()).occupancy, Occupancy::held);
  write_file(folder / ".lock", "12 elsewhere 2001-01-01T00:00:00Z\n");
  EXPECT_EQ(holder_of(folder.path()), (FolderHolder{Occupancy::unknown, 12, "elsewhere", "2001-01-01T00:00:00Z"}));
}

}  // namespace
}  // namespace initsweep
