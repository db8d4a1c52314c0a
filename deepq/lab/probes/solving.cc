#include "deepq/lab/probes/solving.h"

#include "deepq/core/finite.h"

namespace deepq::lab {

Solving solving_of(const Curve& evaluations, double threshold) {
  Solving solving{.mean = 0, .first = kNaN, .lost = kNaN};
  bool solved = false;
  double below = 0, after = 0;
  for (size_t i = 0; i < evaluations.y.size(); ++i) {
    const bool reached = evaluations.y[i] >= threshold;
    solving.mean += evaluations.y[i] / static_cast<double>(evaluations.y.size());
    after += solved;  // before this one is judged: the first to reach is not after itself
    below += solved && !reached;
    if (!solved && reached) solving.first = evaluations.x[i];
    solved = solved || reached;
  }
  if (after > 0) solving.lost = below / after;
  return solving;
}

}  // namespace deepq::lab
