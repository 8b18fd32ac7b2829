// What decides how sums and products round, beside the settings of a job: results mix only where it agrees.
#pragma once
#include <string>

namespace initsweep {

// The cache sizes that Eigen blocks its products for, set by us so that rounding never depends on the machine.
struct CacheSizes {
  long l1 = 32L * 1024, l2 = 1024L * 1024, l3 = 8L * 1024 * 1024;
};
// For the whole process; call it before any job, from one thread.
void fix_cache_sizes(const CacheSizes& sizes = {});

// What decides the rounding of products, for the journal's header and run.json.
struct Numerics {
  int revision;
  std::string instruction_set;  // what the library was built for: x86-64-v2, x86-64-v3, ...
  std::string gemm;             // "Eigen 3.4.0"
  CacheSizes cache;
};
[[nodiscard]] Numerics numerics();

}  // namespace initsweep
