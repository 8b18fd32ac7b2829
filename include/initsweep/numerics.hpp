// What decides how sums and products round, beside the settings of a job: results mix only where it agrees.
#pragma once
#include <string>
#include <string_view>
#include "initsweep/instruction_set.hpp"

namespace initsweep {

// The cache sizes that Eigen blocks its products for, set by us so that rounding never depends on the machine.
struct CacheSizes {
  long l1 = 32L * 1024, l2 = 1024L * 1024, l3 = 8L * 1024 * 1024;
};
// For the whole process; call it before any job, from one thread.
void fix_cache_sizes(const CacheSizes& sizes = {});

// What decides the rounding of products, for the journal's header and run.json.
struct Numerics {
  int revision = 0;
  std::string instruction_set;  // portable, x86-64-v2, ...
  std::string gemm;             // what makes the products: "initsweep" or, portable, "Eigen 3.4.0"
  CacheSizes cache;
};
[[nodiscard]] Numerics numerics(InstructionSet set = best_instruction_set());

// "instruction set avx2, this program has avx512, and ..." for `whose` "this program"; "" where results would mix.
[[nodiscard]] std::string numerics_difference(const Numerics& made, const Numerics& other, std::string_view whose);

}  // namespace initsweep
