// TensorBoard's event files, as deepq/record/tensorboard.h writes them and torch's and TensorFlow's writers do.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace deepq::compare {

// (step, value) of each scalar tag, in the order of the file.
struct EventScalars {
  std::map<std::string, std::vector<std::pair<double, double>>> by_tag = {};
  bool torn = false;  // the last record has no end, as a killed run leaves it
};

// Throws deepq::Error with `source` for what is no event file, or has a record whose checksum is wrong.
EventScalars read_event_file(std::string_view bytes, const std::string& source);

}  // namespace deepq::compare
