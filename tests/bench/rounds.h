// SPDX-License-Identifier: Apache-2.0
// Two things measured in turn, A B A B …, so that a machine whose speed drifts wrongs neither, and
// how that is printed. Nothing here judges: the goal stands beside the figure.
#pragma once

#include <string>
#include <vector>

namespace kontor::bench {

/// One round: a rate of each, in units a second.
struct Round {
  double baseline = 0;
  double measured = 0;
};

struct Comparison {
  std::string title;          ///< What is compared, with the settings that matter.
  std::string baseline_name;  ///< At most 28 characters.
  std::string measured_name;  ///< Likewise.
  double reach = 0;           ///< The ratio that is asked for; 0: none is.
};

/// The middle one, or the mean of the two middle ones. 0 when there is none.
double Median(std::vector<double> values);

/// A row a round, then the medians: of each rate, and of the rounds' ratios.
void PrintRounds(const Comparison& comparison, const std::vector<Round>& rounds);

/// Cores, memory and load of this machine, in one line; no names.
std::string MachineLine();

}  // namespace kontor::bench
