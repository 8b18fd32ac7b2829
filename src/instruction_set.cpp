#include "initsweep/instruction_set.hpp"
#include <string>
#include <vector>
#include "initsweep/diagnostic.hpp"
#include "initsweep/kernels.hpp"

namespace initsweep {

#ifdef INITSWEEP_X86_KERNELS
const Kernels<float>* x86_kernels(InstructionSet set);  // kernels_x86.cpp; null where this build has none
#endif

namespace {

const Kernels<float>* built_kernels([[maybe_unused]] InstructionSet set) {
#ifdef INITSWEEP_X86_KERNELS
  return x86_kernels(set);
#else
  return nullptr;
#endif
}

#ifdef INITSWEEP_X86_KERNELS
bool processor_has(InstructionSet set) {
  switch (set) {
    case InstructionSet::portable: return true;
    case InstructionSet::x86_64_v2: return __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("popcnt");
    case InstructionSet::x86_64_v3:
      return processor_has(InstructionSet::x86_64_v2) && __builtin_cpu_supports("avx2") &&
             __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
    case InstructionSet::x86_64_v4:
      return processor_has(InstructionSet::x86_64_v3) && __builtin_cpu_supports("avx512f") &&
             __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512cd") &&
             __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  }
  return false;
}
#else
bool processor_has(InstructionSet set) { return set == InstructionSet::portable; }
#endif

}  // namespace

std::string_view to_text(InstructionSet set) {
  switch (set) {
    case InstructionSet::portable: return "portable";
    case InstructionSet::x86_64_v2: return "x86-64-v2";
    case InstructionSet::x86_64_v3: return "x86-64-v3";
    case InstructionSet::x86_64_v4: return "x86-64-v4";
  }
  return "";
}

std::string_view description(InstructionSet set) {
  switch (set) {
    case InstructionSet::portable: return "any processor: Eigen's products and plain loops";
    case InstructionSet::x86_64_v2: return "SSE 4.2: vectors of 4, no fused multiply-add";
    case InstructionSet::x86_64_v3: return "AVX2 and FMA: vectors of 8";
    case InstructionSet::x86_64_v4: return "AVX-512: vectors of 16; the same bits as x86-64-v3";
  }
  return "";
}

bool is_available(InstructionSet set) {
  return set == InstructionSet::portable || (processor_has(set) && built_kernels(set) != nullptr);
}

InstructionSet best_instruction_set() {
  InstructionSet best = InstructionSet::portable;
  for (const InstructionSet set : kInstructionSets)
    if (is_available(set)) best = set;
  return best;
}

bool agree_to_the_bit(std::string_view a, std::string_view b) {
  const auto is_fused = [](std::string_view set) {
    return set == to_text(InstructionSet::x86_64_v3) || set == to_text(InstructionSet::x86_64_v4);
  };
  return a == b || (is_fused(a) && is_fused(b));
}

InstructionSet instruction_set_named(std::string_view text) {
  std::string available;
  bool is_known = false;
  for (const InstructionSet set : kInstructionSets) {
    is_known = is_known || text == to_text(set);
    if (!is_available(set)) continue;
    if (text == to_text(set)) return set;
    available += (available.empty() ? "" : ", ") + std::string(to_text(set));
  }
  throw UsageError(
      (is_known ? "this processor or this build does not have the instruction set '" : "unknown instruction set '") +
      printable(text) + "'; there are here: " + available);
}

const Kernels<float>& kernels(InstructionSet set) {
  if (set == InstructionSet::portable) return portable_kernels<float>();
  return *built_kernels(set);
}

}  // namespace initsweep
