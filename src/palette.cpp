#include "palette.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

#include "plot_scale.hpp"

namespace initsweep {
namespace {

constexpr Rgb rgb(std::uint32_t hex) {
  return {static_cast<int>(hex >> 16 & 0xFF), static_cast<int>(hex >> 8 & 0xFF), static_cast<int>(hex & 0xFF)};
}

// Every sixteenth color of viridis (van der Walt & Smith 2015, matplotlib's default); straight lines between them stay
// within 6 of 255 of the other ones.
constexpr std::array<std::uint32_t, 17> kViridis = {0x440154, 0x48186a, 0x472d7b, 0x424086, 0x3b528b, 0x33638d,
                                                    0x2c728e, 0x26828e, 0x21918c, 0x1f9f88, 0x27ad81, 0x3ebc74,
                                                    0x5dc863, 0x82d34d, 0xaadc32, 0xd5e21a, 0xfde725};
// RdBu of ColorBrewer, five classes with darker ends.
constexpr std::array<std::uint32_t, 5> kRedWhiteBlue = {0xb2182b, 0xf4a582, 0xf7f7f7, 0x92c5de, 0x2166ac};

// Okabe & Ito 2008. Yellow is darker than theirs, which cannot be seen on white; grey stands for black, which cannot
// be seen on a dark page.
constexpr Rgb kBlue = rgb(0x0072b2), kSkyBlue = rgb(0x56b4e9), kGreen = rgb(0x009e73), kOrange = rgb(0xe69f00),
              kVermillion = rgb(0xd55e00), kPurple = rgb(0xcc79a7), kYellow = rgb(0xa89a00), kGrey = rgb(0x999999);

template <std::size_t N>
Rgb between(const std::array<std::uint32_t, N>& colors, double t) {
  const double place = std::clamp(t, 0.0, 1.0) * (N - 1);
  const std::size_t i = std::min(static_cast<std::size_t>(place), N - 2);
  const double part = place - static_cast<double>(i);
  const Rgb a = rgb(colors[i]), b = rgb(colors[i + 1]);
  const auto mixed = [&](int from, int to) { return static_cast<int>(std::lround(from + (to - from) * part)); };
  return {mixed(a.red, b.red), mixed(a.green, b.green), mixed(a.blue, b.blue)};
}

// WCAG 2.1, "relative luminance".
double luminance(Rgb color) {
  const auto linear = [](int channel) {
    const double c = channel / 255.0;
    return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
  };
  return 0.2126 * linear(color.red) + 0.7152 * linear(color.green) + 0.0722 * linear(color.blue);
}

}  // namespace

std::string hex_text(Rgb color) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text = "#";
  for (const int channel : {color.red, color.green, color.blue}) {
    text += kDigits[channel / 16 % 16];
    text += kDigits[channel % 16];
  }
  return text;
}

Rgb viridis(double t) { return between(kViridis, t); }
Rgb red_white_blue(double t) { return between(kRedWhiteBlue, t); }

Rgb category_color(std::size_t i) {
  static constexpr std::array<Rgb, 8> kColors = {kGreen,      kSkyBlue, kOrange, kPurple,
                                                 kVermillion, kBlue,    kYellow, kGrey};
  return kColors[i % kColors.size()];
}

std::optional<Rgb> line_color(std::size_t i) {
  static constexpr std::array<Rgb, kLineColors - 1> kColors = {kBlue,   kVermillion, kGreen, kPurple,
                                                               kOrange, kSkyBlue,    kYellow};
  i %= kLineColors;
  if (i == kColors.size()) return std::nullopt;
  return kColors[i];
}

std::optional<double> position_of(const ColorScale& scale, double value) {
  const std::optional<double> t = position(plot_scale(scale.low, scale.high, scale.log, 0, 1), value);
  if (!t) return std::nullopt;
  return std::clamp(*t, 0.0, 1.0);
}

std::optional<Rgb> color_of(const ColorScale& scale, double value) {
  if (!scale.categories.empty()) {
    if (!(value >= 0 && value < static_cast<double>(scale.categories.size()))) return std::nullopt;
    return category_color(static_cast<std::size_t>(value));
  }
  const std::optional<double> t = position_of(scale, value);
  if (!t) return std::nullopt;
  return scale.diverging ? red_white_blue(*t) : viridis(*t);
}

double contrast(Rgb a, Rgb b) {
  const double la = luminance(a) + 0.05, lb = luminance(b) + 0.05;
  return std::max(la, lb) / std::min(la, lb);
}

bool wants_black(Rgb background) { return contrast(background, {0, 0, 0}) >= contrast(background, {255, 255, 255}); }

}  // namespace initsweep
