// Feeds every file of the given folders to a fuzz target: the corpus as a test, whatever the compiler.
#include <cstdio>
#include <filesystem>
#include <set>

#include "fuzz.hpp"

namespace fs = std::filesystem;

int main(int argc, char** argv) {
  std::set<fs::path> files;
  for (int i = 1; i < argc; ++i)
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(argv[i]))
      if (entry.is_regular_file()) files.insert(entry.path());
  for (const fs::path& file : files) {
    std::fprintf(stderr, "%s\n", file.c_str());  // before it runs, so that the last line names the one that fails
    const std::string bytes = initsweep::fuzz::bytes_of(file);
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  }
  std::printf("%zu inputs\n", files.size());
  return files.empty() ? 1 : 0;
}
