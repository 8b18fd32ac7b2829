// What decides how products are rounded: the instructions that make them and, for Eigen's, the blocks that it cuts them
// into, which follow from cache sizes.
#include "initsweep/numerics.hpp"

#include <Eigen/Core>
#include "initsweep/identity.hpp"

#ifndef INITSWEEP_ARCH
#define INITSWEEP_ARCH ""  // the build left the choice to the compiler
#endif

namespace initsweep {
void fix_cache_sizes(const CacheSizes& sizes) { Eigen::setCpuCacheSizes(sizes.l1, sizes.l2, sizes.l3); }

Numerics numerics(InstructionSet set) {
  // Eigen's products are made of what the program as a whole was built for.
  const std::string arch = INITSWEEP_ARCH;
  const std::string eigen = "Eigen " + std::to_string(EIGEN_WORLD_VERSION) + "." + std::to_string(EIGEN_MAJOR_VERSION) +
                            "." + std::to_string(EIGEN_MINOR_VERSION) + (arch.empty() ? "" : " for " + arch);
  return {.revision = kNumericsRevision,
          .instruction_set = std::string(to_text(set)),
          .gemm = set == InstructionSet::portable ? eigen : "initsweep",
          .cache = {.l1 = Eigen::l1CacheSize(), .l2 = Eigen::l2CacheSize(), .l3 = Eigen::l3CacheSize()}};
}

}  // namespace initsweep
