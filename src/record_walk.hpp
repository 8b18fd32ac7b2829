// Through the records of a sweep's finished jobs, read on several threads and taken in the order of the jobs.
#pragma once
#include <algorithm>
#include <cstddef>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>
#include "initsweep/grid.hpp"
#include "initsweep/journal.hpp"
#include "initsweep/runner.hpp"
#include "initsweep/spec.hpp"

namespace initsweep {

// make(index, record) turns the record of grid.jobs[index] into something, on several threads at once; take(index,
// that) gets it in the order of the jobs, those that are not finished left out. Holds a few records a thread at a time,
// of some MiB in all.
template <class Make, class Take>
void walk_records(const SweepSpec& spec, const Grid& grid, const JournalReader& journal, int threads, const Make& make,
                  const Take& take) {
  using Made = std::invoke_result_t<Make, std::size_t, const Record&>;
  // In the memory of limits.memory no job trains any more, but those that recorded often take as much to be read.
  constexpr std::size_t kJobsPerThread = 32, kBlockBytes = std::size_t{4} << 20;
  std::vector<std::optional<Made>> block(static_cast<std::size_t>(threads) * kJobsPerThread);
  std::vector<const JournalEntry*> entries;
  for (std::size_t first = 0; first < grid.jobs.size(); first += entries.size()) {
    entries.clear();
    std::size_t bytes = 0;
    while (entries.size() < std::min(block.size(), grid.jobs.size() - first)) {
      const JournalEntry* entry = journal.find(grid.jobs[first + entries.size()].id, spec.record);
      bytes += entry == nullptr ? 0 : entry->length;
      if (bytes > kBlockBytes && !entries.empty()) break;
      entries.push_back(entry);
    }
    parallel_for(entries.size(), threads, [&](std::size_t i) {
      block[i].reset();
      if (entries[i] != nullptr) block[i].emplace(make(first + i, journal.load(*entries[i]).record));
    });
    for (std::size_t i = 0; i < entries.size(); ++i)
      if (block[i]) take(first + i, std::move(*block[i]));
  }
}

}  // namespace initsweep
