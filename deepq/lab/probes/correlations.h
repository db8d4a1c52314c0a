// How alike the samples of a batch are, in numbers. All of them take z = (x - mean) / sd, with the mean and the
// standard deviation of the population that the batch should stand for.
#pragma once

#include <span>
#include <vector>

namespace deepq::lab {

struct Moments {
  double mean, standard_deviation;
};

Moments moments(std::span<const double> x);  // standard_deviation: root of the mean square

// Between neighbours, for samples in order of time: mean of z_i z_{i+1}. 0 for independent samples, towards 1 for slow
// ones. NaN for fewer than two samples, or a population of equal numbers.
double lag_one_correlation(std::span<const double> x, const Moments& population);

// Between any two: mean of z_i z_j over i != j, whatever the order.
double pair_correlation(std::span<const double> x, const Moments& population);

// As many independent samples have a mean as uncertain as that of n whose pairs correlate so: n / (1 + (n - 1) rho)
// (Kish 1965, "Survey Sampling", the design effect); n where rho is below 0.
double effective_samples(double n, double pair_correlation);

}  // namespace deepq::lab
