#include "deepq/nn/copy_parameters.h"

#include <algorithm>

#include "deepq/core/error.h"
#include "deepq/nn/layout.h"

namespace deepq {
namespace {

std::string_view layer_of(const ParameterTensor& tensor) {
  return std::string_view(tensor.name).substr(0, tensor.name.find('/'));
}

// The last layer gives the action values: alone, or as a dueling network's advantages beside its value.
bool is_of_head(const NetworkLayout& layout, const ParameterTensor& tensor) {
  const std::string_view last = layer_of(layout.tensors.back()), layer = layer_of(tensor);
  return layer == last || (last == "advantage" && layer == "value");
}

std::vector<const ParameterTensor*> tensors_of(const NetworkLayout& layout, NetworkPart part) {
  std::vector<const ParameterTensor*> tensors;
  for (const ParameterTensor& tensor : layout.tensors)
    if (part == NetworkPart::kAll || !is_of_head(layout, tensor)) tensors.push_back(&tensor);
  return tensors;
}

std::string text_of(const ParameterTensor& tensor) {
  std::vector<std::string> sizes;
  for (const int64_t size : tensor.shape) sizes.push_back(std::to_string(size));
  return tensor.name + " [" + join(sizes) + "]";
}

}  // namespace

void copy_parameters(const Network& from, Network& to, NetworkPart part) {
  const auto theirs = tensors_of(from.layout(), part), ours = tensors_of(to.layout(), part);
  for (size_t i = 0; i < std::max(theirs.size(), ours.size()); ++i) {
    const auto text = [&](const auto& tensors) { return i < tensors.size() ? text_of(*tensors[i]) : "nothing"; };
    if (text(theirs) != text(ours))
      throw Error::of("the network to take weights from has ", text(theirs), " where this one has ", text(ours),
                      "; allowed: the same network settings",
                      part == NetworkPart::kAll ? ", or the body alone (train.start_part body)" : "");
  }
  for (size_t i = 0; i < ours.size(); ++i)
    std::ranges::copy(
        from.parameters().subspan(static_cast<size_t>(theirs[i]->begin), static_cast<size_t>(theirs[i]->size())),
        to.parameters().begin() + ours[i]->begin);
  to.parameters_changed();
}

}  // namespace deepq
