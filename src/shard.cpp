#include "initsweep/shard.hpp"

#include <charconv>
#include <cstdint>
#include <stdexcept>
#include <system_error>
#include "initsweep/number.hpp"

namespace initsweep {

std::optional<Shard> parse_shard(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const std::optional<std::int64_t> index = parse_integer(text.substr(0, slash));
  const std::optional<std::int64_t> count = parse_integer(text.substr(slash + 1));
  if (!index || !count || *index < 1 || *index > *count || *count > kMaxShards) return std::nullopt;
  return Shard{static_cast<int>(*index), static_cast<int>(*count)};
}

std::string to_text(const Shard& shard) { return std::to_string(shard.index) + '/' + std::to_string(shard.count); }

int shard_of(std::string_view job_id, int count) {
  constexpr std::string_view kPrefix = "j_";
  constexpr std::size_t kDigits = 16;
  std::uint64_t number = 0;
  const char* const end = job_id.data() + job_id.size();
  const bool is_id = job_id.size() == kPrefix.size() + kDigits && job_id.starts_with(kPrefix);
  if (!is_id || std::from_chars(job_id.data() + kPrefix.size(), end, number, 16).ptr != end)
    throw std::invalid_argument("'" + std::string(job_id) + "' is no job id");
  return static_cast<int>(number % static_cast<std::uint64_t>(count)) + 1;
}

void keep_shard(Grid& grid, const Shard& shard) {
  grid.shard = shard;
  if (shard.is_whole()) return;
  std::erase_if(grid.jobs, [&](const Job& job) { return shard_of(job.id, shard.count) != shard.index; });
}

}  // namespace initsweep
