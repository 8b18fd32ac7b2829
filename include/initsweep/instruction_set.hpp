// Which machine code the arithmetic of training runs in. One program holds all of them and takes the widest that the
// processor has; a choice by hand repeats what another machine did.
#pragma once
#include <optional>
#include <span>
#include <string_view>

namespace initsweep {

// x86_64_v3 and x86_64_v4 give the same bits: every number is made by the same operations in the same order, only more
// of them at a time. v2 has no fused multiply-add and rounds twice where they round once. `portable` is Eigen's
// products and plain loops, as the compiler makes them of C++ for any processor.
enum class InstructionSet { portable, x86_64_v2, x86_64_v3, x86_64_v4 };
inline constexpr InstructionSet kInstructionSets[] = {InstructionSet::portable, InstructionSet::x86_64_v2,
                                                      InstructionSet::x86_64_v3, InstructionSet::x86_64_v4};

// "x86-64-v3"
[[nodiscard]] std::string_view to_text(InstructionSet set);
// One line of `initsweep list isa`.
[[nodiscard]] std::string_view description(InstructionSet set);
// What the processor and this build both have. `portable` always is.
[[nodiscard]] bool is_available(InstructionSet set);
// The widest one available.
[[nodiscard]] InstructionSet best_instruction_set();
// Whether results of the two, by their texts, are the same bytes.
[[nodiscard]] bool agree_to_the_bit(std::string_view a, std::string_view b);
// By its text. Throws UsageError, naming those there are, for an unknown one or one that is not available.
[[nodiscard]] InstructionSet instruction_set_named(std::string_view text);

}  // namespace initsweep
