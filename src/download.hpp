// One file over HTTPS.
#pragma once
#include <filesystem>
#include <string>

namespace initsweep {

// Follows redirects to HTTPS only and gives up on a silent network within seconds. Throws EnvironmentError saying what
// went wrong, without the URL; `file` may then hold a part.
void download(const std::string& url, const std::filesystem::path& file);

}  // namespace initsweep
