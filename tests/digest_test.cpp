// Recorded digests of trained nets: numbers that change for the same settings must change kNumericsRevision with them,
// or results of two versions would pass for one job. Whoever changes the revision records them anew, from this test's
// failures. One is for the instruction sets with fused multiply-add, which agree to the bit, one for that without; they
// hold whatever the compiler's optimization. (The portable set's depend on what the program as a whole is built for.)
#include <gtest/gtest.h>

#include <ostream>

#include "initsweep/identity.hpp"
#include "initsweep/numerics.hpp"
#include "initsweep/settings.hpp"
#include "initsweep/train.hpp"
#include "small_job.hpp"

namespace initsweep {
namespace {

constexpr int kRecordedRevision = 3;

struct DigestCase {
  const char* name;
  InitializerKind initializer;
  ActivationKind activation;
  OptimizerKind optimizer;
  LossKind loss;
  const char* fused;
  const char* unfused;
};
void PrintTo(const DigestCase& c, std::ostream* out) { *out << c.name; }

class RecordedDigest : public testing::TestWithParam<DigestCase> {};

TEST_P(RecordedDigest, IsStillWhatTheseSettingsGive) {
  fix_cache_sizes();
  const DigestCase& c = GetParam();
  JobSettings settings = small_settings();
  settings.initializer.kind = c.initializer;
  settings.mode = own_mode(settings.initializer);
  settings.activation.kind = c.activation;
  settings.optimizer = c.optimizer;
  settings.loss = c.loss;
  settings.bias_stddev = 0.1;
  bool is_tested = false;
  for (const InstructionSet set : {InstructionSet::x86_64_v2, InstructionSet::x86_64_v3, InstructionSet::x86_64_v4}) {
    if (!is_available(set)) continue;
    is_tested = true;
    EXPECT_EQ(run(canonical(settings), small_dataset(), {}, 1, set).digest,
              set == InstructionSet::x86_64_v2 ? c.unfused : c.fused)
        << to_text(set) << ": the numbers have changed: change kNumericsRevision, then record the digests anew";
  }
  if (!is_tested) GTEST_SKIP() << "recorded for x86-64 only";
}

TEST(RecordedDigests, AreThoseOfThisRevision) { EXPECT_EQ(kNumericsRevision, kRecordedRevision); }

constexpr LossKind kSoftmax = LossKind::softmax_cross_entropy;
constexpr LossKind kSigmoid = LossKind::sigmoid_cross_entropy;

INSTANTIATE_TEST_SUITE_P(
    Train, RecordedDigest,
    testing::Values(DigestCase{"plain", InitializerKind::glorot_uniform, ActivationKind::relu, OptimizerKind::sgd,
                               kSoftmax, "d_53ddcaebf4219ee7", "d_f20faa5e4f55f8c1"},
                    DigestCase{"nesterov", InitializerKind::he_normal, ActivationKind::tanh, OptimizerKind::nesterov,
                               kSoftmax, "d_a45140641b7848fc", "d_11e8d8eeb22efc2f"},
                    DigestCase{"adam", InitializerKind::orthogonal, ActivationKind::gelu, OptimizerKind::adam, kSigmoid,
                               "d_eac2cbfccf382877", "d_18933c28e3f05fac"},
                    DigestCase{"rmsprop", InitializerKind::lsuv, ActivationKind::sigmoid, OptimizerKind::rmsprop,
                               kSoftmax, "d_f4a9cb17ae128fb4", "d_dc6550f81c6d8b25"},
                    DigestCase{"truncated", InitializerKind::truncated_normal, ActivationKind::mish,
                               OptimizerKind::momentum, kSigmoid, "d_c72204e662d79067", "d_baa65122e2789885"},
                    DigestCase{"torch", InitializerKind::torch_default, ActivationKind::elu, OptimizerKind::sgd,
                               kSoftmax, "d_23b2c118330b236d", "d_be0722b06888bfad"}),
    [](const testing::TestParamInfo<DigestCase>& tested) { return tested.param.name; });

}  // namespace
}  // namespace initsweep
