// Deep Q-learning in one file, for reading: no part of the library, nothing but the standard library. The textbook
// chapter's agent (two hidden layers of 64, Adam, replay, a target network, epsilon-greedy) learns to balance a pole.
// The library does the same fifty times faster; see deepq/agent/learner.cc for its update.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <deque>
#include <random>
#include <vector>

using Vector = std::vector<double>;
using State = std::array<double, 4>;  // position, speed, angle, angular speed
std::mt19937 random_engine(1);
double uniform(double low, double high) { return std::uniform_real_distribution<double>(low, high)(random_engine); }

// CartPole-v1 (Barto, Sutton and Anderson 1983): +1 for each step until the pole falls, the cart leaves, or 500 steps
// are over.
struct CartPole {
  State s{};
  int steps = 0;
  void reset() {
    for (double& x : s) x = uniform(-0.05, 0.05);
    steps = 0;
  }
  bool step(int action) {  // returns whether the episode is over
    const double force = action == 1 ? 10 : -10, sine = std::sin(s[2]), cosine = std::cos(s[2]);
    const double push = (force + 0.05 * s[3] * s[3] * sine) / 1.1;
    const double turn = (9.8 * sine - cosine * push) / (0.5 * (4.0 / 3.0 - 0.1 * cosine * cosine / 1.1));
    const double accelerate = push - 0.05 * turn * cosine / 1.1;
    s = {s[0] + 0.02 * s[1], s[1] + 0.02 * accelerate, s[2] + 0.02 * s[3], s[3] + 0.02 * turn};
    return std::abs(s[0]) > 2.4 || std::abs(s[2]) > 12 * 3.14159265358979 / 180 || ++steps == 500;
  }
};

// One fully connected layer with its gradient and Adam's two moments.
struct Layer {
  int in, out;
  Vector w, g, m, v;  // weights [out][in], then biases [out]; the rest have the same shape
  Layer(int inputs, int outputs) : in(inputs), out(outputs) {
    for (Vector* p : {&w, &g, &m, &v}) p->assign(static_cast<size_t>((in + 1) * out), 0.0);
    for (double& x : w) x = uniform(-1, 1) / std::sqrt(in);
  }
  Vector forward(const Vector& x, bool relu) const {
    Vector y(w.end() - out, w.end());
    for (int o = 0; o < out; ++o) {
      for (int i = 0; i < in; ++i) y[o] += w[o * in + i] * x[i];
      if (relu) y[o] = std::max(0.0, y[o]);
    }
    return y;
  }
  Vector backward(const Vector& x, const Vector& dy) {  // adds to g, returns dx
    Vector dx(x.size());
    for (int o = 0; o < out; ++o) {
      g[in * out + o] += dy[o];
      for (int i = 0; i < in; ++i) {
        g[o * in + i] += dy[o] * x[i];
        dx[i] += dy[o] * w[o * in + i];
      }
    }
    return dx;
  }
  void adam(int t) {
    for (size_t i = 0; i < w.size(); ++i) {
      m[i] = 0.9 * m[i] + 0.1 * g[i];
      v[i] = 0.999 * v[i] + 0.001 * g[i] * g[i];
      w[i] -= 1e-3 * (m[i] / (1 - std::pow(0.9, t))) / (std::sqrt(v[i] / (1 - std::pow(0.999, t))) + 1e-8);
      g[i] = 0;
    }
  }
};

// Q(s, .): the values of both actions.
struct QNetwork {
  Layer a{4, 64}, b{64, 64}, c{64, 2};
  Vector operator()(const State& s) const {
    return c.forward(b.forward(a.forward({s.begin(), s.end()}, true), true), false);
  }
  void learn(const State& s, int action, double error) {  // adds the gradient of error * Q(s, action)
    const Vector x(s.begin(), s.end()), h1 = a.forward(x, true), h2 = b.forward(h1, true);
    Vector dq(2);
    dq[action] = error;
    Vector d2 = c.backward(h2, dq);
    for (size_t i = 0; i < d2.size(); ++i) d2[i] *= h2[i] > 0;
    Vector d1 = b.backward(h1, d2);
    for (size_t i = 0; i < d1.size(); ++i) d1[i] *= h1[i] > 0;
    a.backward(x, d1);
  }
};

struct Transition {
  State s;
  int action;
  State next;
  bool end;
};

int argmax(const Vector& q) { return q[1] > q[0]; }

int main() {
  constexpr int kEpisodes = 150, kBatch = 64, kSyncEvery = 100;
  constexpr size_t kCapacity = 10'000;
  constexpr double kGamma = 0.99;
  QNetwork online, target = online;
  std::deque<Transition> replay;
  CartPole env;
  double epsilon = 1.0, sum = 0;
  int updates = 0;
  for (int episode = 1; episode <= kEpisodes; ++episode) {
    env.reset();
    for (bool end = false; !end;) {
      // Act: at random with probability epsilon, else greedily.
      const State s = env.s;
      const int action = uniform(0, 1) < epsilon ? static_cast<int>(uniform(0, 2)) : argmax(online(s));
      end = env.step(action);
      sum += 1;
      // Remember.
      replay.push_back({s, action, env.s, end});
      if (replay.size() > kCapacity) replay.pop_front();
      if (replay.size() < kBatch) continue;
      // Learn: y = r + gamma max_a Q_target(s', a), and a step down the gradient of the mean of (Q(s, a) - y)^2.
      std::vector<Transition> batch;
      std::sample(replay.begin(), replay.end(), std::back_inserter(batch), kBatch, random_engine);
      for (const Transition& t : batch) {
        const Vector next = target(t.next);
        const double y = 1 + (t.end ? 0 : kGamma * next[argmax(next)]);
        online.learn(t.s, t.action, 2 * (online(t.s)[t.action] - y) / kBatch);
      }
      ++updates;
      for (Layer* layer : {&online.a, &online.b, &online.c}) layer->adam(updates);
      if (updates % kSyncEvery == 0) target = online;
      epsilon = std::max(0.01, epsilon * 0.995);
    }
    if (episode % 10 == 0) {
      std::printf("Episode %d   mean return %.1f   epsilon %.2f\n", episode, sum / 10, epsilon);
      sum = 0;
    }
  }
}
