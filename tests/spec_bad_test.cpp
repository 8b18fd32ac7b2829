#include <gtest/gtest.h>

#include "sweep_text.hpp"

namespace initsweep {
namespace {

const BadInput kBadSweep[] = {
    {"SeedsZero", "seeds: 0",
     R"(s.yaml:3:8: error: seeds must be at least 1, got 0
    3 | seeds: 0
      |        ^
)"},
    {"SeedTwice", "seeds: [1, 1, -1]",
     R"(s.yaml:3:12: error: seed 1 appears twice
    3 | seeds: [1, 1, -1]
      |            ^
s.yaml:3:15: error: a seed must be at least 0, got -1
    3 | seeds: [1, 1, -1]
      |               ^~
)"},
    {"NoSeeds", "seeds: []",
     R"(s.yaml:3:8: error: seeds is empty; give at least one
    3 | seeds: []
      |        ^
)"},
    {"SeedsBeyondEnd", "seeds: {count: 5, base: 2147483645}",
     R"(s.yaml:3:8: error: the last seed would be 2147483649, above the largest, 2147483647
    3 | seeds: {count: 5, base: 2147483645}
      |        ^
)"},
    {"SeedsWithoutCount", "seeds: {base: 1}",
     R"(s.yaml:3:8: error: missing key 'count' in seeds
    3 | seeds: {base: 1}
      |        ^
)"},
    {"Timeout", "limits: {job_timeout: 10min}",
     R"(s.yaml:3:23: error: job_timeout must be a number with a unit, such as 10m, got '10min'
    3 | limits: {job_timeout: 10min}
      |                       ^~~~~
  units: ms, s, m, h, d
)"},
    {"Memory", "limits: {memory: 8G}",
     R"(s.yaml:3:18: error: memory must be a number with a unit, such as 8GiB, got '8G'
    3 | limits: {memory: 8G}
      |                  ^~
  units: B, KB, MB, GB, TB, KiB, MiB, GiB, TiB
)"},
    {"TimeoutOfZero", "limits: {job_timeout: 0s}",
     R"(s.yaml:3:23: error: job_timeout must be greater than 0, got 0
    3 | limits: {job_timeout: 0s}
      |                       ^~
)"},
    {"MaxJobs", "limits: {max_jobs: 1e4}",
     R"(s.yaml:3:20: error: max_jobs must be an integer, got 1e4
    3 | limits: {max_jobs: 1e4}
      |                    ^~~
  write 10000
)"},
    {"About", "about: S7\n",
     R"(s.yaml:3:8: error: about must be a map, got 'S7'
    3 | about: S7
      |        ^~
)"},
    {"AboutKeys", "about: {claims: a, source: [b], verdict: }\n",
     R"(s.yaml:3:9: error: unknown key 'claims' in about
    3 | about: {claims: a, source: [b], verdict: }
      |         ^~~~~~
  expected one of: claim, condition, source, verdict
  did you mean 'claim'?
s.yaml:3:28: error: source must be a text, got a list
    3 | about: {claims: a, source: [b], verdict: }
      |                            ^
s.yaml:3:33: error: verdict must be a text, got nothing
    3 | about: {claims: a, source: [b], verdict: }
      |                                 ^~~~~~~
)"},
    {"UnknownLimit", "limits: {timeout: 5}",
     R"(s.yaml:3:10: error: unknown key 'timeout' in limits
    3 | limits: {timeout: 5}
      |          ^~~~~~~
  expected one of: job_timeout, max_jobs, memory
)"},
    {"Every", "record: {layers: {every: epochs}}",
     R"(s.yaml:3:26: error: unknown value of every 'epochs'
    3 | record: {layers: {every: epochs}}
      |                          ^~~~~~
  expected one of: epoch, never, {steps: N}
  did you mean 'epoch'?
)"},
    {"EverySteps", "record: {layers: {every: {steps: 0}}}",
     R"(s.yaml:3:34: error: steps must be at least 1, got 0
    3 | record: {layers: {every: {steps: 0}}}
      |                                  ^
)"},
    {"Probe", "record: {layers: {probe: 60001, at_start: on}}",
     R"(s.yaml:3:26: error: probe must be at most 60000, got 60001
    3 | record: {layers: {probe: 60001, at_start: on}}
      |                          ^~~~~
s.yaml:3:43: error: at_start must be true or false, got 'on'
    3 | record: {layers: {probe: 60001, at_start: on}}
      |                                           ^~
  write true
)"},
    {"JacobiansOfMoreThanTheProbe", "record: {layers: {jacobian: 301}}",
     R"(s.yaml:3:29: error: jacobian must be at most probe, 300, got 301
    3 | record: {layers: {jacobian: 301}}
      |                             ^~~
)"},
    {"Jacobian", "record: {layers: {jacobian: -1}}",
     R"(s.yaml:3:29: error: jacobian must be at least 0, got -1
    3 | record: {layers: {jacobian: -1}}
      |                             ^~
)"},
    {"RecordNothing", "record: {}",
     R"(s.yaml:3:9: error: missing key 'layers' in record
    3 | record: {}
      |         ^
)"},
    {"ExcludeMap", "exclude: {depth: 2}",
     R"(s.yaml:3:10: error: exclude must be a list of maps, got a map
    3 | exclude: {depth: 2}
      |          ^
)"},
    {"ExcludeAll", "exclude: [{}]",
     R"(s.yaml:3:11: error: this exclude names no setting, so it would drop every cell
    3 | exclude: [{}]
      |           ^
)"},
    {"IncludeList", "include: [{depth: [1, 2]}]",
     R"(s.yaml:3:19: error: depth must be one value here, got a list
    3 | include: [{depth: [1, 2]}]
      |                   ^
  an include is one cell; write an entry for each value
)"},
    {"SettingAtTop", "depth: 3",
     R"(s.yaml:3:1: error: unknown key 'depth' in the sweep file
    3 | depth: 3
      | ^~~~~
  expected one of: $KEYS
  'depth' is a setting; it stands under `settings`, or with several values under `grid`
)"},
    {"Misspelt", "seed: 3",
     R"(s.yaml:3:1: error: unknown key 'seed' in the sweep file
    3 | seed: 3
      | ^~~~
  expected one of: $KEYS
  did you mean 'seeds'?
)"},
    {"RepeatedKey", "seeds: 3\nseeds: 4",
     R"(s.yaml:4:1: error: key 'seeds' appears twice (first at line 3)
    4 | seeds: 4
      | ^~~~~
)"},
};
class BadSweep : public testing::TestWithParam<BadInput> {};
TEST_P(BadSweep, SaysWhereAndWhatToDo) { EXPECT_EQ(problems_of(GetParam().body), whole_message(GetParam().message)); }
INSTANTIATE_TEST_SUITE_P(Spec, BadSweep, testing::ValuesIn(kBadSweep), name_of);

const BadInput kBadHead[] = {
    {"NoVersion", "name: a\n",
     R"(s.yaml:1:1: error: missing key 'version' in the sweep file
    1 | name: a
      | ^
)"},
    {"Version", "version: 2\nname: a\n",
     R"(s.yaml:1:10: error: version must be 1, got 2
    1 | version: 2
      |          ^
  this program reads version 1 of sweep files
)"},
    {"NoName", "version: 1\n",
     R"(s.yaml:1:1: error: missing key 'name' in the sweep file
    1 | version: 1
      | ^
)"},
    {"Name", "version: 1\nname: ../My Sweep\n",
     R"(s.yaml:2:7: error: name must be made of a-z, 0-9 and '-', and not start with '-', got '../My Sweep'
    2 | name: ../My Sweep
      |       ^~~~~~~~~~~
)"},
    {"EmptyName", "version: 1\nname: \"\"\n",
     R"(s.yaml:2:7: error: name must be made of a-z, 0-9 and '-', and not start with '-', got ''
    2 | name: ""
      |       ^~
)"},
    {"Empty", "# nothing\n",
     R"(s.yaml:1:1: error: the sweep file is empty
    1 | # nothing
      | ^
)"},
    {"List", "- a\n",
     R"(s.yaml:1:1: error: a sweep file must be a map, got a list
    1 | - a
      | ^
  it starts with `version: 1`; a space follows each colon
)"},
    {"NoSpaces", "version:1\nname:a\n",
     R"(s.yaml:1:1: error: a sweep file must be a map, got 'version:1 name:a'
    1 | version:1
      | ^~~~~~~~~
  it starts with `version: 1`; a space follows each colon
)"},
};
class BadHead : public testing::TestWithParam<BadInput> {};
TEST_P(BadHead, SaysWhereAndWhatToDo) {
  EXPECT_EQ(problems_of_text(GetParam().body), whole_message(GetParam().message));
}
INSTANTIATE_TEST_SUITE_P(Spec, BadHead, testing::ValuesIn(kBadHead), name_of);

}  // namespace
}  // namespace initsweep
