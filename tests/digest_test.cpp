// Recorded digests of trained nets: numbers that change for the same settings must change kNumericsRevision with them,
// or results of two versions would pass for one job. Whoever changes the revision records them anew, from this test's
// failures. They hold for one instruction set and one version of Eigen, whatever the compiler's optimization.
#include <gtest/gtest.h>

#include <ostream>

#include "initsweep/identity.hpp"
#include "initsweep/numerics.hpp"
#include "initsweep/settings.hpp"
#include "initsweep/train.hpp"
#include "small_job.hpp"

namespace initsweep {
namespace {

constexpr int kRecordedRevision = 1;
constexpr const char* kRecordedInstructionSet = "x86-64-v3";
constexpr const char* kRecordedGemm = "Eigen 3.4.0";

struct DigestCase {
  const char* name;
  InitializerKind initializer;
  ActivationKind activation;
  OptimizerKind optimizer;
  LossKind loss;
  const char* digest;
};
void PrintTo(const DigestCase& c, std::ostream* out) { *out << c.name; }

class RecordedDigest : public testing::TestWithParam<DigestCase> {};

TEST_P(RecordedDigest, IsStillWhatTheseSettingsGive) {
  fix_cache_sizes();
  const Numerics here = numerics();
  if (here.instruction_set != kRecordedInstructionSet || here.gemm != kRecordedGemm)
    GTEST_SKIP() << "recorded for " << kRecordedInstructionSet << " and " << kRecordedGemm << ", not "
                 << here.instruction_set << " and " << here.gemm;
  const DigestCase& c = GetParam();
  JobSettings settings = small_settings();
  settings.initializer.kind = c.initializer;
  settings.mode = own_mode(settings.initializer);
  settings.activation.kind = c.activation;
  settings.optimizer = c.optimizer;
  settings.loss = c.loss;
  settings.bias_stddev = 0.1;
  EXPECT_EQ(run(canonical(settings)).digest, c.digest)
      << "the numbers have changed: change kNumericsRevision, then record the digests anew";
}

TEST(RecordedDigests, AreThoseOfThisRevision) { EXPECT_EQ(kNumericsRevision, kRecordedRevision); }

constexpr LossKind kSoftmax = LossKind::softmax_cross_entropy;
constexpr LossKind kSigmoid = LossKind::sigmoid_cross_entropy;

INSTANTIATE_TEST_SUITE_P(Train, RecordedDigest,
                         testing::Values(DigestCase{"plain", InitializerKind::glorot_uniform, ActivationKind::relu,
                                                    OptimizerKind::sgd, kSoftmax, "d_81079e3eeec24695"},
                                         DigestCase{"nesterov", InitializerKind::he_normal, ActivationKind::tanh,
                                                    OptimizerKind::nesterov, kSoftmax, "d_aa73bed8729bf634"},
                                         DigestCase{"adam", InitializerKind::orthogonal, ActivationKind::gelu,
                                                    OptimizerKind::adam, kSigmoid, "d_ab89a13462d838a1"},
                                         DigestCase{"rmsprop", InitializerKind::lsuv, ActivationKind::sigmoid,
                                                    OptimizerKind::rmsprop, kSoftmax, "d_209a3afdb99b0c9a"},
                                         DigestCase{"truncated", InitializerKind::truncated_normal,
                                                    ActivationKind::mish, OptimizerKind::momentum, kSigmoid,
                                                    "d_526f68169e09580c"},
                                         DigestCase{"torch", InitializerKind::torch_default, ActivationKind::elu,
                                                    OptimizerKind::sgd, kSoftmax, "d_09e3f70441e3cb9c"}),
                         [](const testing::TestParamInfo<DigestCase>& tested) { return tested.param.name; });

}  // namespace
}  // namespace initsweep
