#include "python/listener.h"

namespace deepq::python {

template <class Call>
void Listener::in_callback(const Call& call) {
  in_callback_ = true;
  try {
    if (is_false(call())) stop_ = true;
  } catch (...) {
    // Kept, not thrown through the training loop: rethrow() throws it when the run has ended.
    raised_ = std::current_exception();
    stop_ = true;
  }
  in_callback_ = false;
}

void Listener::tell_step() {
  const nb::gil_scoped_acquire gil;
  in_callback([&] { return nb::object(every_step_()); });
}

void Listener::tell() {
  constexpr const char* kKinds[] = {"episode", "metrics", "evaluation"};
  const nb::gil_scoped_acquire gil;
  for (const Record& record : kept_) {
    // After an exception no callback runs any more; the records left are dropped.
    if (raised_) break;
    in_callback([&] {
      const nb::object told = std::visit([](const auto& one) { return nb::object(to_dict(one)); }, record);
      return nb::object(callback_(kKinds[record.index()], told));
    });
  }
  kept_.clear();
}

}  // namespace deepq::python
