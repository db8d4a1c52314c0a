// What a Python environment says of itself: the Description that deepq/_environments.py makes of its spaces. Everything
// here is called with the GIL held.
#pragma once

#include "deepq/env/env.h"
#include "python/py_values.h"

namespace deepq::python {

struct GymSpec {
  explicit GymSpec(nb::handle description);

  EnvSpec env;
  std::vector<ObservationLeaf> leaves;  // shapes as the space's own: () where the library's is (1)
  ObservationLayout layout;             // of their numbers
  std::string action_dtype;             // an action of another type is, to Gymnasium, none of the space's
  // Of an array of the library's numbers the environment's own actions; None: they are these numbers from the start on.
  nb::object action_of;
  nb::object parts;  // of an observation what its leaves are; None: it is the only one

  // Copies one observation's numbers. Throws deepq::Error for one that the space does not hold.
  void take_observation(nb::handle observation, std::span<std::byte> numbers) const;

  // Of a leaf, or with `count` of so many in an array with one more dimension; `what` is what errors call it. Returns
  // the first state that is none.
  std::optional<NotAllowed> take_leaf(size_t leaf, nb::handle array, std::optional<int64_t> count,
                                      std::span<std::byte> numbers, std::string_view what) const;
  // "the observation", "the observation 'image'"
  std::string name_of(size_t leaf, std::string_view what = "the observation") const;

  std::string action_text(int64_t action) const;  // as the environment's users know it

  // Which actions are legal, as bits; None, which is allowed at a true end alone, leaves none. Throws deepq::Error for
  // what is no mask.
  void take_legal_actions(nb::handle mask, bool terminated, std::span<uint64_t> bits) const;
};

// A row's numbers, of one leaf.
template <ElementType T>
std::span<T> numbers(std::span<std::byte> row) {
  return {reinterpret_cast<T*>(row.data()), row.size() / sizeof(T)};
}

// A Python object that is let go of with the GIL held, wherever that happens.
class Held {
 public:
  explicit Held(nb::object object) : object_(std::move(object)) {}
  ~Held() {
    const nb::gil_scoped_acquire gil;
    object_.reset();
  }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;

  const nb::object& get() const { return object_; }

 private:
  nb::object object_;
};
using Shared = std::shared_ptr<Held>;
inline Shared share(nb::object object) { return std::make_shared<Held>(std::move(object)); }

}  // namespace deepq::python
