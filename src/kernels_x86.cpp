// The kernels in vector code, compiled once for each x86-64 level through Highway, which names the instructions and
// compiles this file again for every target. Nothing here depends on the width of a vector: each number is made by the
// same operations in the same order whatever its neighbours are, so levels with fused multiply-add agree to the bit.
//
// Only plain loops and Highway between the two marks: what else is compiled there (a function of the standard library,
// say) could be picked by the linker for the whole program and would need the wide instructions everywhere.
#include "activation_constants.hpp"
#include "initsweep/kernels.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels_x86.cpp"
// clang-format off
#include <hwy/foreach_target.h>  // before highway.h, which it includes again for each target
#include <hwy/highway.h>
#include <hwy/contrib/math/math-inl.h>
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace initsweep {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Tag = hn::ScalableTag<float>;
using Vec = hn::Vec<Tag>;
constexpr Tag d;
constexpr Index kVector = static_cast<Index>(hn::MaxLanes(Tag()));
static_assert(kRowMultiple % kVector == 0);

// clang-format off
#include "kernels_products.inl"
#include "kernels_sparse.inl"
#include "kernels_activations.inl"
#include "kernels_update.inl"
#include "kernels_statistics.inl"
// clang-format on

constexpr Kernels<float> kKernels = {
#include "kernels_table.inl"
};
const Kernels<float>* table() { return &kKernels; }

}  // namespace HWY_NAMESPACE
}  // namespace initsweep
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace initsweep {

// A build for a later level has none of the earlier ones.
const Kernels<float>* x86_kernels(InstructionSet set) {
  switch (set) {
#if HWY_TARGETS & HWY_SSE4
    case InstructionSet::x86_64_v2: return N_SSE4::table();
#endif
#if HWY_TARGETS & HWY_AVX2
    case InstructionSet::x86_64_v3: return N_AVX2::table();
#endif
#if HWY_TARGETS & HWY_AVX3
    case InstructionSet::x86_64_v4: return N_AVX3::table();
#endif
    default: return nullptr;
  }
}

}  // namespace initsweep
#endif
