// What both a run and shards of one say of themselves.
#pragma once
#include <cstddef>
#include <string>
#include <vector>
#include "initsweep/csv.hpp"
#include "job_counts.hpp"
#include "sweep.hpp"

namespace initsweep {

// total, ok, diverged, failed, timeout, missing
[[nodiscard]] const std::vector<Column>& count_columns();
[[nodiscard]] std::vector<std::string> count_fields(const JobCounts& counts);

// The failed jobs with what they said: most likely what one wants to know next.
class Failures {
 public:
  Failures(const Sweep& sweep, std::size_t most_shown) : sweep_(sweep), most_shown_(most_shown) {}
  void add(const Job& job, const JournalReader& journal);
  [[nodiscard]] std::string text() const;

 private:
  const Sweep& sweep_;
  std::size_t most_shown_, n_ = 0;
  std::string text_;
};

}  // namespace initsweep
