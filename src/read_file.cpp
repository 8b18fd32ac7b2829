#include "read_file.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace initsweep {
namespace {

constexpr std::size_t kPiece = 1 << 16;

// Bytes read; 0 at the end.
ssize_t read_when_ready(int descriptor, char* to, std::size_t room) {
  while (true) {
    const ssize_t n = read(descriptor, to, room);
    if (n >= 0 || (errno != EINTR && errno != EAGAIN)) return n;
    pollfd ready{.fd = descriptor, .events = POLLIN, .revents = 0};
    if (errno == EAGAIN) poll(&ready, 1, -1);
  }
}

}  // namespace

std::string read_file(const std::filesystem::path& file, std::size_t most, std::error_code& error) {
  error.clear();
  std::string text;
  const int descriptor = open(file.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  ssize_t n = descriptor;
  while (n >= 0 && text.size() <= most) {
    const std::size_t filled = text.size();
    const std::size_t room = std::min(kPiece, most + 1 - filled);
    text.resize(filled + room);
    n = read_when_ready(descriptor, text.data() + filled, room);
    text.resize(filled + static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
    if (n == 0) break;
  }
  if (n < 0) error.assign(errno, std::generic_category());
  if (descriptor >= 0) close(descriptor);
  return text;
}

}  // namespace initsweep
