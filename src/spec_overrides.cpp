#include "spec_overrides.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "initsweep/setting.hpp"

namespace initsweep {
namespace {

using Kind = YamlNode::Kind;

YamlNode* find(YamlNode& map, std::string_view key) {
  for (std::size_t i = 0; i < map.keys.size(); ++i)
    if (map.keys[i].kind == Kind::scalar && map.keys[i].text == key) return &map.children[i];
  return nullptr;
}

void remove(YamlNode& map, std::string_view key) {
  for (std::size_t i = map.keys.size(); i-- > 0;) {
    if (map.keys[i].text != key) continue;
    map.keys.erase(map.keys.begin() + static_cast<std::ptrdiff_t>(i));
    map.children.erase(map.children.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

// One --set option.
class Override {
 public:
  Override(std::string_view option, int line, Problems& problems) : option_(option), line_(line), problems_(problems) {}

  void apply(YamlNode& root) {
    const std::size_t equals = option_.find('=');
    if (equals == std::string_view::npos) {
      problems_.error(whole(), "--set needs key=value", {"for example --set epochs=1 --set grid.depth=[2,5]"});
      return;
    }
    if (option_.find('\n') != std::string_view::npos) {
      problems_.error(whole(), "a --set option is one line");
      return;
    }
    path_ = option_.substr(0, equals);
    std::optional<YamlNode> value =
        parse_yaml(option_.substr(equals + 1), {line_, static_cast<int>(equals) + 2, 1}, problems_);
    if (!value) return;
    const std::string_view first = path_.substr(0, path_.find('.'));
    const std::string_view rest = first.size() < path_.size() ? path_.substr(first.size() + 1) : std::string_view();
    if (const std::optional<Setting> setting = parse_setting(path_)) {
      fix(root, *setting, *value);
    } else if (first == "grid" && !rest.empty()) {
      replace_axis(child_map(root, "grid"), rest, *value);
    } else if (first == "settings" && !rest.empty()) {
      put(child_map(root, "settings"), rest, std::move(*value));
    } else if (std::find(kSweepKeys.begin(), kSweepKeys.end(), first) != kSweepKeys.end()) {
      put_at(root, std::move(*value));
    } else {
      report_unknown_path(first);
    }
  }

 private:
  [[nodiscard]] SourceLocation whole() const { return {line_, 1, 1}; }

  [[nodiscard]] YamlNode key_node(std::string_view name) const {
    YamlNode key;
    key.kind = Kind::scalar;
    key.text = name;
    key.where = {line_, 1, static_cast<int>(path_.size())};
    return key;
  }

  [[nodiscard]] YamlNode node_of(Kind kind) const {
    YamlNode node;
    node.kind = kind;
    node.where = whole();
    return node;
  }

  void put(YamlNode& map, std::string_view name, YamlNode value) const {
    if (YamlNode* present = find(map, name)) {
      *present = std::move(value);
    } else {
      map.keys.push_back(key_node(name));
      map.children.push_back(std::move(value));
    }
  }

  // The map under a key; a new one where there is none.
  YamlNode& child_map(YamlNode& parent, std::string_view name) const {
    const YamlNode* present = find(parent, name);
    const bool is_grid_of_blocks = present != nullptr && name == "grid" && present->kind == Kind::sequence;
    if (present == nullptr || (present->kind != Kind::map && !is_grid_of_blocks)) put(parent, name, node_of(Kind::map));
    return *find(parent, name);
  }

  void put_at(YamlNode& root, YamlNode value) const {
    YamlNode* map = &root;
    std::string_view path = path_;
    for (std::size_t dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.')) {
      map = &child_map(*map, path.substr(0, dot));
      path.remove_prefix(dot + 1);
    }
    put(*map, path, std::move(value));
  }

  static std::vector<YamlNode*> blocks_of(YamlNode& grid) {
    std::vector<YamlNode*> blocks;
    if (grid.kind == Kind::map) blocks.push_back(&grid);
    if (grid.kind == Kind::sequence)
      for (YamlNode& block : grid.children)
        if (block.kind == Kind::map) blocks.push_back(&block);
    return blocks;
  }

  // A value goes to every block or cell that names it: no more of that than a sweep file may hold.
  [[nodiscard]] bool may_copy(const YamlNode& value, std::size_t n_copies) const {
    if (tree_size(value) * n_copies <= kMaxTreeSize) return true;
    problems_.error(whole(), "so many values in so many places are more than a sweep file can hold");
    return false;
  }

  void replace_axis(YamlNode& grid, std::string_view axis, const YamlNode& value) const {
    const std::vector<YamlNode*> blocks = blocks_of(grid);
    if (!may_copy(value, blocks.size())) return;
    bool is_present = false;
    for (YamlNode* block : blocks) {
      YamlNode* zip = find(*block, "zip");
      for (YamlNode* axes : {block, zip}) {
        if (axes == nullptr || find(*axes, axis) == nullptr) continue;
        put(*axes, axis, value);
        is_present = true;
      }
    }
    if (!is_present)
      for (YamlNode* block : blocks) put(*block, axis, value);
  }

  // Takes a parameter out of every structured value: {normal: {stddev: 0.1}} without its stddev is normal.
  static void forget(YamlNode& node, std::string_view kind, std::string_view parameter) {
    if (node.kind == Kind::map)
      if (YamlNode* parameters = find(node, kind); parameters != nullptr && parameters->kind == Kind::map) {
        remove(*parameters, parameter);
        if (parameters->keys.empty()) node = YamlNode(node.keys.front());
      }
    for (YamlNode& child : node.children) forget(child, kind, parameter);
  }

  // One value for a setting, whatever the file says.
  void fix(YamlNode& root, Setting setting, const YamlNode& value) const {
    const std::string_view name = setting_info(setting).name;
    if (is_parameter(setting))
      for (const char* place : {"settings", "grid", "include"})
        if (YamlNode* node = find(root, place)) forget(*node, kind_of_parameter(setting), parameter_name(setting));
    const YamlNode* blocks = find(root, "grid");
    const YamlNode* cells = find(root, "include");
    if (!may_copy(value, 1 + (blocks != nullptr ? blocks->children.size() : 0) +
                             (cells != nullptr ? cells->children.size() : 0)))
      return;
    // What the value takes the place of: epochs and steps exclude each other.
    const std::string_view rival = setting == Setting::epochs ? "steps" : setting == Setting::steps ? "epochs" : name;
    YamlNode& settings = child_map(root, "settings");
    remove(settings, rival);
    put(settings, name, value);
    YamlNode axis = node_of(Kind::sequence);
    axis.children.push_back(value);
    if (YamlNode* grid = find(root, "grid")) {
      for (YamlNode* block : blocks_of(*grid)) {
        bool is_named = find(*block, name) != nullptr || find(*block, rival) != nullptr;
        if (YamlNode* zip = find(*block, "zip")) {
          is_named = is_named || find(*zip, name) != nullptr || find(*zip, rival) != nullptr;
          remove(*zip, name);
          remove(*zip, rival);
          if (zip->kind == Kind::map && zip->keys.empty()) remove(*block, "zip");
        }
        remove(*block, rival);
        if (is_named) put(*block, name, axis);
      }
    }
    if (YamlNode* include = find(root, "include")) {
      for (YamlNode& cell : include->children) {
        const bool is_named = find(cell, name) != nullptr || find(cell, rival) != nullptr;
        remove(cell, rival);
        if (is_named) put(cell, name, value);
      }
    }
  }

  void report_unknown_path(std::string_view first) const {
    std::vector<std::string_view> known(kSweepKeys.begin(), kSweepKeys.end());
    for (const SettingInfo& info : setting_table()) known.push_back(info.name);
    std::vector<std::string> notes = {
        "expected a setting, such as epochs; an axis, such as grid.depth; or a key of the "
        "sweep file, such as seeds or limits.memory"};
    if (const std::optional<std::string_view> near = nearest_name(path_, known))
      notes.push_back("did you mean " + quoted(*near) + "?");
    else if (const std::optional<std::string_view> near_first = nearest_name(first, known))
      notes.push_back("did you mean " + quoted(std::string(*near_first) + std::string(path_.substr(first.size()))) +
                      "?");
    problems_.error({line_, 1, static_cast<int>(path_.size())}, "unknown key " + quoted(path_), std::move(notes));
  }

  std::string_view option_, path_;
  int line_;
  Problems& problems_;
};

}  // namespace

void apply_overrides(const SweepSpec& spec, YamlNode& root, Problems& problems) {
  for (std::size_t i = 0; i < spec.overrides.size(); ++i)
    Override(spec.overrides[i], kFirstOverrideLine + static_cast<int>(i), problems).apply(root);
}

}  // namespace initsweep
