// Random streams that can be named instead of shared.
//
// A stream is Philox 4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"; Random123's code), a
// function of a key and a counter. The key is (seed, purpose, index), so any stream can be had at any time, on any
// thread, in any order: one job's numbers never depend on another's. Jobs under one seed meet the same draws: entry k
// of layer l is the same uniform number for every initializer (laws are made from it by their inverse distribution
// function), and batches come in the same order, so cells compare in pairs.
//
// Everything is defined down to the bit here, since the standard leaves its distributions and std::shuffle open.
#pragma once
#include <array>
#include <cstdint>
#include <span>

namespace initsweep {

enum class StreamPurpose : std::uint32_t { weights = 1, biases = 2, batch_order = 3, orthogonal = 4 };

class RngStream {
 public:
  // seed in 0..2^31-1; index (a layer or an epoch) below 2^24.
  RngStream(std::uint32_t seed, StreamPurpose purpose, std::uint32_t index);

  // The next 32 random bits.
  [[nodiscard]] std::uint32_t bits();
  // In (0, 1), never 0 or 1: (bits + 1/2) / 2^32.
  [[nodiscard]] double uniform();
  // Standard normal: the inverse of its distribution function at uniform().
  [[nodiscard]] double normal();
  // Standard normal, conditioned on lying within +-2; its standard deviation is 0.87962566103423978.
  [[nodiscard]] double truncated_normal();
  // Uniform on 0..bound-1, without bias (Lemire 2019). bound >= 1.
  [[nodiscard]] std::uint32_t below(std::uint32_t bound);

 private:
  std::array<std::uint32_t, 2> key_;
  std::uint64_t block_ = 0;               // counter of the next block of four words
  std::array<std::uint32_t, 4> words_{};  // the current block
  int used_ = 4;
};

// Fisher-Yates, from the last element down.
void shuffle(std::span<std::uint32_t> values, RngStream& stream);

}  // namespace initsweep
