// What decides how products are rounded: the instructions that make them and, for Eigen's, the blocks that it cuts them
// into, which follow from cache sizes.
#include "initsweep/numerics.hpp"

#include <Eigen/Core>
#include "initsweep/diagnostic.hpp"
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

std::string numerics_difference(const Numerics& made, const Numerics& other, std::string_view whose) {
  std::string differences;
  const auto compare = [&](const char* what, const std::string& of_made, const std::string& of_other) {
    if (of_made == of_other) return;
    if (!differences.empty()) differences += ", and ";
    differences +=
        std::string(what) + ' ' + printable(of_made) + ", " + std::string(whose) + " has " + printable(of_other);
  };
  const auto cache = [](const Numerics& numerics) {
    return std::to_string(numerics.cache.l1) + '/' + std::to_string(numerics.cache.l2) + '/' +
           std::to_string(numerics.cache.l3);
  };
  compare("numerics revision", std::to_string(made.revision), std::to_string(other.revision));
  if (!agree_to_the_bit(made.instruction_set, other.instruction_set))
    compare("instruction set", made.instruction_set, other.instruction_set);
  compare("matrix products by", made.gemm, other.gemm);
  compare("cache sizes", cache(made), cache(other));
  return differences;
}

}  // namespace initsweep
