// From values to pixels, and where the axis says what a value is.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace initsweep {

struct PlotScale {
  double low = 0, high = 1;  // low < high; positive if log
  bool log = false;
  double from = 0, to = 1;  // where low and high are drawn
};
// A range that cannot be drawn (a point, the wrong way round, not finite, not positive on a log axis) becomes one that
// can and holds as much of it as possible.
[[nodiscard]] PlotScale plot_scale(double low, double high, bool log, double from, double to);

// None where nothing can be drawn: not finite, or not positive on a log axis. Values beyond the range are beyond its
// ends, but never so far that a program for drawings would choke on the number.
[[nodiscard]] std::optional<double> position(const PlotScale& scale, double value);

struct Tick {
  double value = 0;
  std::string label;  // "0.25", "10⁻⁸"
  bool operator==(const Tick&) const = default;
};
// Round numbers within the range, upwards: 1, 2 or 5 times a power of ten apart; on a log axis powers of ten, thinned
// out where there are many, and with what is between them where there are few. At most `most`, of which 2 is the least.
[[nodiscard]] std::vector<Tick> ticks(const PlotScale& scale, std::size_t most);
// The same for counts: whole numbers only.
[[nodiscard]] std::vector<Tick> whole_ticks(const PlotScale& scale, std::size_t most);

}  // namespace initsweep
