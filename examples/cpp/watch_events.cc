// SPDX-License-Identifier: Apache-2.0
// Prints events as they happen and remembers in a file how far it came: started again, it goes on
// behind the last event that it printed.
//
//   example_watch_events place.txt          until interrupted
//   example_watch_events place.txt 10       ten events
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>

#include "kontor/sdk/event_client.h"

namespace {

using namespace kontor;  // NOLINT: an example

int64_t ReadPlace(const std::string& path) {
  int64_t sequence = 0;
  std::ifstream(path) >> sequence;
  return sequence;
}

/// Whole or not at all: written beside it, then renamed.
bool WritePlace(const std::string& path, int64_t sequence) {
  const std::string half = path + ".part";
  {
    std::ofstream file(half);
    file << sequence << "\n";
    if (!file.flush()) return false;
  }
  return std::rename(half.c_str(), path.c_str()) == 0;
}

int Follow(sdk::EventWatch watch, const std::string& path, int64_t most) {
  for (int64_t shown = 0; most == 0 || shown < most; ++shown) {
    const auto message = watch.Next();
    if (!message.ok()) {
      std::cerr << message.status().message() << "\n";
      return 3;
    }
    const v1::Event& event = message->event();
    std::cout << event.sequence() << " " << event.type() << " " << event.subject() << std::endl;
    // After the work that the event asks for, never before it.
    if (!WritePlace(path, message->sequence())) {
      std::cerr << "cannot write " << path << "\n";
      return 1;
    }
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 && argc != 3) {
    std::cerr << "usage: example_watch_events PLACE-FILE [COUNT]\n";
    return 2;
  }
  const auto options = sdk::OptionsFromEnvironment();
  const auto connection = options.ok() ? sdk::MakeConnection(*options)
                                       : absl::StatusOr<std::shared_ptr<sdk::Connection>>(
                                             options.status());
  if (!connection.ok()) {
    std::cerr << connection.status().message() << "\n";
    return 2;
  }
  v1::WatchEventsRequest request;
  request.set_after_sequence(ReadPlace(argv[1]));
  return Follow(sdk::EventClient(*connection).WatchEvents(request), argv[1],
                argc == 3 ? std::atoll(argv[2]) : 0);
}
