// The last lines of a terminal, redrawn in place. What stood above them stays, and what was drawn last stays when the
// program ends, however it ends: no other screen, no hidden cursor.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include "console.hpp"

namespace initsweep {

class LiveScreen {
 public:
  explicit LiveScreen(Console& console) : console_(console) {}

  struct Size {
    std::size_t rows = 24, columns = 80;
    bool operator==(const Size&) const = default;
  };
  // Of the terminal behind stdout, now.
  [[nodiscard]] static Size size();
  // Whole lines of text that is safe to print. What is too long or too much for the terminal is cut. False once nobody
  // reads.
  bool show(std::string_view text);
  // Takes away what the terminal wrote below the lines ("^C").
  void leave();

 private:
  Console& console_;
  Size size_;
  std::size_t n_lines_ = 0;  // that are drawn
};

}  // namespace initsweep
