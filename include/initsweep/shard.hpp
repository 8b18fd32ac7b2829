// The jobs of a sweep dealt to several machines, by nothing but their ids: no machine needs to know of another.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include "initsweep/grid.hpp"

namespace initsweep {

// "2/3", as --shard takes it; nullopt for anything but whole numbers with 1 <= I <= N <= kMaxShards.
inline constexpr int kMaxShards = 100'000;
[[nodiscard]] std::optional<Shard> parse_shard(std::string_view text);
[[nodiscard]] std::string to_text(const Shard& shard);

// From 1 to `count`: the id's 16 hex digits as an integer, mod `count`, plus 1. How many jobs a shard gets is left to
// chance. Throws std::invalid_argument for what is no job id.
[[nodiscard]] int shard_of(std::string_view job_id, int count);

// Leaves the shard's jobs alone; cells stay, also those that have none left.
void keep_shard(Grid& grid, const Shard& shard);

}  // namespace initsweep
