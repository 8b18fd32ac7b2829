#include "live_screen.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>

#include "terminal_ink.hpp"

namespace initsweep {

LiveScreen::Size LiveScreen::size() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0) return {};
  return {size.ws_row, size.ws_col};
}

bool LiveScreen::show(std::string_view text) {
  const Size now = size();
  std::string bytes;  // in one write, so that nothing flickers
  if (n_lines_ > 0) bytes = "\r\x1b[" + std::to_string(n_lines_) + 'A';
  if (n_lines_ > 0 && now != size_) bytes = "\x1b[H\x1b[2J";  // the terminal has broken the lines anew
  size_ = now;
  n_lines_ = 0;
  while (!text.empty() && n_lines_ + 1 < now.rows) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    bytes += cut_line(text.substr(0, end), now.columns) + "\x1b[K\n";
    text.remove_prefix(std::min(end + 1, text.size()));
    ++n_lines_;
  }
  return console_.answer_as_is(bytes + "\x1b[J");
}

void LiveScreen::leave() {
  if (n_lines_ > 0) console_.answer_as_is("\r\x1b[J");
}

}  // namespace initsweep
