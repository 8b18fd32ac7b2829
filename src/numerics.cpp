// What decides how products are rounded: the instructions the library was compiled for, and the blocks that Eigen cuts
// products into, which follow from cache sizes.
#include "initsweep/numerics.hpp"

#include <Eigen/Core>
#include <string>
#include <string_view>
#include "initsweep/identity.hpp"
#include "initsweep/settings.hpp"

namespace initsweep {
namespace {

#ifndef INITSWEEP_ARCH
#define INITSWEEP_ARCH ""  // the build left the choice to the compiler
#endif

#if defined(__AVX512F__) && defined(__AVX512BW__) && defined(__AVX512CD__) && defined(__AVX512DQ__) && \
    defined(__AVX512VL__)
constexpr const char* kFromCompiler = "x86-64-v4";
#elif defined(__AVX2__) && defined(__FMA__)
constexpr const char* kFromCompiler = "x86-64-v3";
#elif defined(__SSE4_2__)
constexpr const char* kFromCompiler = "x86-64-v2";
#else
constexpr const char* kFromCompiler = "baseline";
#endif
constexpr std::string_view kArch = INITSWEEP_ARCH;

}  // namespace

void fix_cache_sizes(const CacheSizes& sizes) { Eigen::setCpuCacheSizes(sizes.l1, sizes.l2, sizes.l3); }

Numerics numerics() {
  return {.revision = kNumericsRevision,
          .instruction_set = std::string(kArch.empty() ? kFromCompiler : kArch),
          .gemm = "Eigen " + std::to_string(EIGEN_WORLD_VERSION) + "." + std::to_string(EIGEN_MAJOR_VERSION) + "." +
                  std::to_string(EIGEN_MINOR_VERSION),
          .cache = {.l1 = Eigen::l1CacheSize(), .l2 = Eigen::l2CacheSize(), .l3 = Eigen::l3CacheSize()}};
}

}  // namespace initsweep
