#include "plot_scale.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <string_view>

#include "initsweep/number.hpp"

namespace initsweep {
namespace {

constexpr double kSlack = 1e-9;  // of a step, for ends that are round numbers but for rounding

double power_of_ten(int exponent) { return std::pow(10.0, exponent); }

// "⁻⁸"
std::string superscript(int number) {
  static constexpr std::array<std::string_view, 10> kDigits = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
  std::string text;
  for (const char c : std::to_string(number)) text += c == '-' ? "⁻" : kDigits[static_cast<std::size_t>(c - '0')];
  return text;
}

std::vector<Tick> multiples(const PlotScale& scale, double step, std::size_t most) {
  std::vector<Tick> result;
  const double first = std::ceil(scale.low / step - kSlack), last = std::floor(scale.high / step + kSlack);
  for (double i = first; i <= last && result.size() < most; ++i) {
    const double value = i == 0 ? 0 : i * step;  // without -0
    result.push_back({value, brief_text(value, 6)});
  }
  return result;
}

std::vector<Tick> linear_ticks(const PlotScale& scale, std::size_t most, double smallest_step) {
  const double range = scale.high - scale.low;
  for (int exponent = static_cast<int>(std::floor(std::log10(range / static_cast<double>(most)))) - 1;; ++exponent) {
    for (const int mantissa : {1, 2, 5}) {
      const double step = mantissa * power_of_ten(exponent);
      if (step < smallest_step || step == 0) continue;
      const double count = std::floor(scale.high / step + kSlack) - std::ceil(scale.low / step - kSlack) + 1;
      if (count <= static_cast<double>(most)) return multiples(scale, step, most);
    }
  }
}

struct LogTick {
  int mantissa = 1, exponent = 0;
  [[nodiscard]] double value() const { return mantissa * power_of_ten(exponent); }
};

// Mantissas in every decade that the scale touches.
std::vector<LogTick> within_decades(const PlotScale& scale, std::span<const int> mantissas) {
  std::vector<LogTick> result;
  const int first = static_cast<int>(std::floor(std::log10(scale.low) - kSlack));
  const int last = static_cast<int>(std::floor(std::log10(scale.high) + kSlack));
  for (int exponent = first; exponent <= last; ++exponent) {
    for (const int mantissa : mantissas) {
      const LogTick tick = {mantissa, exponent};
      const double value = tick.value();
      if (value >= scale.low * (1 - kSlack) && value <= scale.high * (1 + kSlack)) result.push_back(tick);
    }
  }
  return result;
}

std::vector<Tick> labelled(std::span<const LogTick> ticks) {
  const bool is_plain = std::all_of(ticks.begin(), ticks.end(),
                                    [](const LogTick& tick) { return tick.exponent >= -3 && tick.exponent <= 3; });
  std::vector<Tick> result;
  for (const LogTick& tick : ticks) {
    std::string label;
    if (is_plain)
      label = brief_text(tick.value());
    else if (tick.exponent == 0)
      label = std::to_string(tick.mantissa);
    else
      label = (tick.mantissa == 1 ? "" : std::to_string(tick.mantissa) + "·") + "10" + superscript(tick.exponent);
    result.push_back({tick.value(), label});
  }
  return result;
}

std::vector<Tick> log_ticks(const PlotScale& scale, std::size_t most) {
  static constexpr std::array<int, 1> kDecades = {1};
  static constexpr std::array<int, 2> kThirds = {1, 3};
  static constexpr std::array<int, 3> kFine = {1, 2, 5};
  static constexpr std::size_t kFew = 3;  // decades, that look empty without something between
  std::vector<LogTick> decades = within_decades(scale, kDecades);
  if (decades.size() <= kFew) {
    for (const std::span<const int> mantissas : {std::span<const int>(kFine), std::span<const int>(kThirds)}) {
      const std::vector<LogTick> fine = within_decades(scale, mantissas);
      if (fine.size() >= 2 && fine.size() <= most) return labelled(fine);
    }
    if (decades.size() < 2) return linear_ticks(scale, most, 0);
  }
  for (const int step : {1, 2, 3, 5, 10, 20, 30, 50, 100, 200, 300}) {
    std::vector<LogTick> kept;
    for (const LogTick& tick : decades)
      if (tick.exponent % step == 0) kept.push_back(tick);
    if (kept.size() <= most) return labelled(kept);
  }
  return {};
}

}  // namespace

PlotScale plot_scale(double low, double high, bool log, double from, double to) {
  static constexpr double kHuge = 1e300, kTiny = 1e-300;  // so that no difference or ratio overflows
  if (std::isnan(low) || std::isnan(high)) {
    low = log ? 0.1 : 0;
    high = 1;
  }
  if (low > high) std::swap(low, high);
  low = std::clamp(low, -kHuge, kHuge);
  high = std::clamp(high, -kHuge, kHuge);
  if (log) {
    high = std::max(high, kTiny * 10);
    if (low <= 0) low = high / 1e3;
    low = std::max(low, kTiny);
    if (high / low < 1 + 1e-6) {
      low /= 3;
      high *= 3;
    }
  } else if (high - low <= std::max(1e-9 * std::max(std::abs(low), std::abs(high)), kTiny)) {
    const double half = std::abs(low) <= kTiny ? 0.5 : std::abs(low) / 2;
    low -= half;
    high += half;
  }
  return {low, high, log, from, to};
}

std::optional<double> position(const PlotScale& scale, double value) {
  static constexpr double kFarthest = 10;  // lengths of the axis
  if (!std::isfinite(value) || (scale.log && value <= 0)) return std::nullopt;
  const double t = scale.log ? (std::log(value) - std::log(scale.low)) / (std::log(scale.high) - std::log(scale.low))
                             : (value - scale.low) / (scale.high - scale.low);
  return scale.from + std::clamp(t, -kFarthest, kFarthest) * (scale.to - scale.from);
}

std::vector<Tick> ticks(const PlotScale& scale, std::size_t most) {
  most = std::max<std::size_t>(most, 2);
  return scale.log ? log_ticks(scale, most) : linear_ticks(scale, most, 0);
}

std::vector<Tick> whole_ticks(const PlotScale& scale, std::size_t most) {
  return linear_ticks(scale, std::max<std::size_t>(most, 2), 1);
}

}  // namespace initsweep
