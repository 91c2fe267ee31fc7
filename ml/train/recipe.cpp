// SPDX-License-Identifier: Apache-2.0
#include "ml/train/recipe.hpp"

#include "ml/ops/arithmetic.hpp"
#include "ml/ops/broadcast.hpp"
#include "ml/ops/logic.hpp"
#include "ml/ops/transcendental.hpp"
#include "ml/passes/grad.hpp"

namespace r1::ml {
namespace {

const Type kScalar{Dtype::f32, {}}, kCount{Dtype::i64, {}}, kSum{Dtype::f64, {}};

Type batch_of(const Type& sample, std::int64_t samples) {
  return sample.with(with_axes(sample.shape, {0}, {samples}));
}

Value prepared(const Recipe& recipe, const Transforms& transforms, Value x) {
  if (x.dtype() == Dtype::u8) x = cast(x, Dtype::f32);
  if (recipe.x_scale != 1) x = x * (1 / recipe.x_scale);
  for (const auto& transform : transforms) x = transform->apply(x);
  return x;
}

RandomKey random_key(Graph& graph, std::int64_t samples) {
  return {graph.input(input_name::kSeed, kCount), graph.input(input_name::kStep, kCount),
          graph.input(input_name::kSamples, {Dtype::i64, {samples}})};
}

/// The model on a batch of `samples`.
struct Forward {
  Value prediction, target;
  Values parameters;

  Forward(const Recipe& recipe, const Transforms& transforms, ModelTrace& trace,
          std::int64_t samples) {
    Graph& graph = trace.graph();
    const Value x = graph.input(input_name::kX, batch_of(recipe.x, samples));
    target = graph.input(input_name::kY, batch_of(recipe.y, samples));
    prediction = recipe.model->build(trace, prepared(recipe, transforms, x));
    parameters = trace.values();
  }
};

/// What the states of the model become; no value: they stay.
struct NextStates {
  std::vector<ModelState> states;
  Values next;
};

/// loss = the sum over this part of the step's samples, times `share`; its gradients by the flat buffers. The states have names that
/// begin with `state_prefix`.
struct Backward {
  Value loss;
  Values gradients;
  NextStates states;

  Backward(const Recipe& recipe, const ParameterLayout& layout, Graph& graph, std::int64_t samples,
           const std::string& state_prefix) {
    ModelTrace trace(graph, Mode::training, random_key(graph, samples), layout);
    trace.prefix_states(state_prefix);
    const Forward forward(recipe, recipe.training_transforms, trace, samples);
    states = {trace.states(), trace.next_states()};
    const Scope scope(graph.store(), "loss");
    const Value share = graph.input(input_name::kShare, kScalar);
    loss = sum(recipe.loss->of_samples(forward.prediction, forward.target)) * share;
    gradients = layout.flat(ml::gradients(loss, forward.parameters));
  }
};

Value finite(const Value& x) { return equal(x * 0.0, zeros_like(x)); }

/// Clipping, watch and update, of states too.
void update(const Recipe& recipe, const ParameterLayout& layout, Graph& graph, const Value& loss,
            Values gradients, const NextStates& states) {
  const Value step = graph.input_named(input_name::kStep).value;
  const Value rate = graph.input(input_name::kRate, kScalar);
  Value ok;
  {
    const Scope scope(graph.store(), "watch");
    Value squares;
    for (const auto& g : gradients) squares = accumulate(squares, sum(square(g)));
    if (recipe.gradient_clip) {
      const Value norm = sqrt(squares);
      const Value factor = min(constant_like(norm, 1.0), *recipe.gradient_clip / (norm + 1e-6));
      for (auto& g : gradients) g = g * factor;
    }
    const Value bad = logical_not(logical_and(finite(loss), finite(squares)));
    const Value first = graph.input(state_name::kFirstBad, kCount, Role::state);
    const Value none = constant_like(first, 0.0);
    const Value now = select(logical_and(bad, first < none), step, first);
    graph.update(state_name::kFirstBad, now);
    ok = now < none;
  }
  recipe.optimizer->update(graph, layout.buffers(), gradients, rate, ok);
  for (std::size_t k = 0; k < states.states.size(); ++k)
    if (states.next[k]) update_if(graph, states.states[k].name, states.next[k], ok);
}

/// The model and the loss on a batch, for what their types say.
struct Traced {
  std::vector<Parameter> parameters;
  std::vector<ModelState> states;
  Type prediction;

  Traced(const Recipe& recipe, Mode mode, std::int64_t samples) {
    Graph graph;
    ModelTrace trace(graph, mode, random_key(graph, samples));
    const Forward forward(recipe, recipe.training_transforms, trace, samples);
    recipe.loss->of_samples(forward.prediction, forward.target);
    parameters = trace.parameters();
    states = trace.states();
    prediction = forward.prediction.type();
  }
};

/// One sample alone may be too few to train on.
Traced traced(const Recipe& recipe) { return {recipe, Mode::evaluation, 1}; }

std::string gradient_name(const Parameter& buffer) { return "gradients." + buffer.name; }

}  // namespace

ParameterLayout layout_of(const Recipe& recipe) {
  return ParameterLayout(traced(recipe).parameters);
}
Type prediction_of(const Recipe& recipe) { return traced(recipe).prediction; }
std::vector<ModelState> states_of(const Recipe& recipe) { return traced(recipe).states; }
void check_training(const Recipe& recipe, std::int64_t samples) {
  Traced(recipe, Mode::training, samples);
}

Graph step_graph(const Recipe& recipe, const ParameterLayout& layout, std::int64_t samples) {
  Graph graph;
  const Backward backward(recipe, layout, graph, samples, "");
  const Value total = graph.input(state_name::kLoss, kScalar, Role::state) + backward.loss;
  graph.update(state_name::kLoss, total);
  update(recipe, layout, graph, total, backward.gradients, backward.states);
  return graph;
}

Graph accumulation_graph(const Recipe& recipe, const ParameterLayout& layout,
                         std::int64_t samples) {
  Graph graph;
  const Backward backward(recipe, layout, graph, samples, state_name::kAccumulated);
  graph.update(state_name::kLoss,
               graph.input(state_name::kLoss, kScalar, Role::state) + backward.loss);
  for (std::size_t k = 0; k < backward.gradients.size(); ++k) {
    const auto& buffer = layout.buffers()[k];
    const auto name = gradient_name(buffer);
    graph.update(name, graph.input(name, buffer.type, Role::state) + backward.gradients[k]);
  }
  const auto& [states, next] = backward.states;
  for (std::size_t k = 0; k < states.size(); ++k)
    if (next[k]) graph.update(state_name::kAccumulated + states[k].name, next[k]);
  return graph;
}

Graph update_graph(const Recipe& recipe, const ParameterLayout& layout) {
  Graph graph;
  graph.input(input_name::kStep, kCount);
  Values gradients;
  for (const auto& buffer : layout.buffers()) {
    graph.input(buffer.name, buffer.type, Role::parameter);
    gradients.push_back(graph.input(gradient_name(buffer), buffer.type, Role::state));
    graph.update(gradient_name(buffer), zeros_like(gradients.back()));
  }
  NextStates states{states_of(recipe), {}};
  for (const auto& state : states.states) {
    graph.input(state.name, state.type, Role::state);
    states.next.push_back(
        graph.input(state_name::kAccumulated + state.name, state.type, Role::state));
  }
  update(recipe, layout, graph, graph.input(state_name::kLoss, kScalar, Role::state), gradients,
         states);
  // The next step goes on from there, and after a bad one from what was before.
  for (const auto& state : states.states)
    graph.update(state_name::kAccumulated + state.name, graph.output_named(state.name).value);
  return graph;
}

Graph evaluation_graph(const Recipe& recipe, const ParameterLayout& layout, std::int64_t samples) {
  Graph graph;
  ModelTrace trace(graph, Mode::evaluation, {}, layout);
  const Forward forward(recipe, recipe.evaluation_transforms, trace, samples);
  const Scope scope(graph.store(), "loss");
  const auto add = [&](const char* name, const Value& values) {
    if (values)
      graph.update(name, graph.input(name, kSum, Role::state) + sum(cast(values, Dtype::f64)));
  };
  add(state_name::kSumLoss, recipe.loss->of_samples(forward.prediction, forward.target));
  add(state_name::kSumAccuracy, recipe.loss->accuracy(forward.prediction, forward.target));
  return graph;
}

}  // namespace r1::ml
