#include "download.hpp"

#include <curl/curl.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <memory>
#include <new>
#include <system_error>

#include "initsweep/diagnostic.hpp"

namespace initsweep {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{100} << 20;  // the largest file we ask for has 26 MB
constexpr long kConnectSeconds = 4;    // name lookup included: two mirrors and npm together answer within 15 s
constexpr long kStalledSeconds = 10;   // without 1000 bytes a second
constexpr long kLongestSeconds = 600;  // for one file

struct Sink {
  std::FILE* file;
  std::size_t room = kMaxBytes;
  std::string trouble;
};

// Called by libcurl with each piece; returning less than its size ends the transfer.
std::size_t receive(const char* bytes, std::size_t /*always 1*/, std::size_t n, void* user) {
  Sink& sink = *static_cast<Sink*>(user);
  if (n > sink.room) {
    sink.trouble = "more than " + std::to_string(kMaxBytes) + " bytes";
    return 0;
  }
  if (std::fwrite(bytes, 1, n, sink.file) != n) {
    sink.trouble = "cannot write: " + std::generic_category().message(errno);
    return 0;
  }
  sink.room -= n;
  return n;
}

}  // namespace

void download(const std::string& url, const std::filesystem::path& file) {
  const std::unique_ptr<CURL, void (*)(CURL*)> curl(curl_easy_init(), curl_easy_cleanup);
  if (!curl) throw std::bad_alloc();
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> out(std::fopen(file.c_str(), "wbe"), std::fclose);
  if (!out) throw EnvironmentError("cannot write: " + std::generic_category().message(errno));
  Sink sink{.file = out.get(), .trouble = {}};
  std::array<char, CURL_ERROR_SIZE> reason{};

  const auto set = [&](CURLoption option, auto value) {
    const CURLcode code = curl_easy_setopt(curl.get(), option, value);
    if (code != CURLE_OK) throw EnvironmentError(curl_easy_strerror(code));
  };
  set(CURLOPT_ERRORBUFFER, reason.data());
  set(CURLOPT_URL, url.c_str());
  set(CURLOPT_PROTOCOLS_STR, "https");
  set(CURLOPT_REDIR_PROTOCOLS_STR, "https");
  set(CURLOPT_FOLLOWLOCATION, 1L);
  set(CURLOPT_MAXREDIRS, 5L);
  set(CURLOPT_FAILONERROR, 1L);
  set(CURLOPT_USERAGENT, "initsweep");
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
  set(CURLOPT_LOW_SPEED_LIMIT, 1000L);
  set(CURLOPT_LOW_SPEED_TIME, kStalledSeconds);
  set(CURLOPT_TIMEOUT, kLongestSeconds);
  set(CURLOPT_WRITEFUNCTION, &receive);
  set(CURLOPT_WRITEDATA, &sink);

  const CURLcode code = curl_easy_perform(curl.get());
  if (!sink.trouble.empty()) throw EnvironmentError(sink.trouble);
  if (code != CURLE_OK) throw EnvironmentError(reason[0] != '\0' ? reason.data() : curl_easy_strerror(code));
  if (std::fclose(out.release()) != 0)
    throw EnvironmentError("cannot write: " + std::generic_category().message(errno));
}

}  // namespace initsweep
