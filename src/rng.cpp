#include "initsweep/rng.hpp"

#include <Random123/philox.h>
#include <cassert>
#include <utility>
#include "normal_quantile.hpp"

namespace initsweep {

namespace {

// The distribution function of the standard normal law at -2, and its mass within +-2.
constexpr double kBelowMinusTwo = 0.022750131948179207200;
constexpr double kWithinTwo = 0.954499736103641585600;

}  // namespace

RngStream::RngStream(std::uint32_t seed, StreamPurpose purpose, std::uint32_t index)
    : key_{seed, static_cast<std::uint32_t>(purpose) << 24 | index} {
  assert(seed < 1u << 31);
  assert(index < 1u << 24);
}

std::uint32_t RngStream::bits() {
  if (used_ == 4) {
    const r123::Philox4x32::ctr_type counter = {
        {static_cast<std::uint32_t>(block_), static_cast<std::uint32_t>(block_ >> 32), 0, 0}};
    const r123::Philox4x32::key_type key = {{key_[0], key_[1]}};
    const r123::Philox4x32::ctr_type words = r123::Philox4x32()(counter, key);
    words_ = {words[0], words[1], words[2], words[3]};
    ++block_;
    used_ = 0;
  }
  return words_[static_cast<std::size_t>(used_++)];
}

double RngStream::uniform() { return (bits() + 0.5) * 0x1p-32; }

double RngStream::normal() { return normal_quantile(uniform()); }

double RngStream::truncated_normal() { return normal_quantile(kBelowMinusTwo + kWithinTwo * uniform()); }

// Lemire 2019, "Fast random integer generation in an interval", algorithm 5: the high half of bits * bound, redrawing
// the few low halves that would make some results likelier.
std::uint32_t RngStream::below(std::uint32_t bound) {
  assert(bound >= 1);
  std::uint64_t product = std::uint64_t{bits()} * bound;
  if (static_cast<std::uint32_t>(product) < bound) {
    const std::uint32_t threshold = -bound % bound;  // 2^32 mod bound
    while (static_cast<std::uint32_t>(product) < threshold) product = std::uint64_t{bits()} * bound;
  }
  return static_cast<std::uint32_t>(product >> 32);
}

void shuffle(std::span<std::uint32_t> values, RngStream& stream) {
  for (std::size_t left = values.size(); left > 1; --left)
    std::swap(values[left - 1], values[stream.below(static_cast<std::uint32_t>(left))]);
}

}  // namespace initsweep
