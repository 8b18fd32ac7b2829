// What settings mean, apart from how they were written: their simplest terms, and the names made from those.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "initsweep/settings.hpp"

namespace initsweep {

// The same job in its simplest terms (he_normal becomes variance_scaling, leaky_relu with slope 0 becomes relu,
// momentum 0 becomes sgd, what has no meaning is at its default): two settings mean the same exactly if these are
// equal. Training is given these, so what means the same is the same to the byte.
[[nodiscard]] JobSettings canonical(const JobSettings& settings);

// SHA-256 of MNIST's four files in a row: the default dataset as canonical texts know it.
inline constexpr std::string_view kMnistDigest = "b2d8f5bf39174ee5ffeefa97e42d673c35432b411bb5d1f74fbbeddae7f1690a";

// One key=value line each, sorted by key, settings at their default left out, the dataset by the digest of its bytes: a
// setting added later changes no id. `settings` must be canonical.
[[nodiscard]] std::string canonical_text(const JobSettings& settings, std::string_view dataset_digest);

// c_ + 16 hex digits of SHA-256 of the canonical text.
[[nodiscard]] std::string cell_id(std::string_view canonical_text);
// j_ + 16 hex digits of SHA-256 of cell id, seed, data digest and numerics revision, a line each.
[[nodiscard]] std::string job_id(std::string_view cell_id, std::int64_t seed, std::string_view dataset_digest);

// Counts changes that alter trained numbers for the same settings; a test holds recorded digests against it.
inline constexpr int kNumericsRevision = 3;

}  // namespace initsweep
