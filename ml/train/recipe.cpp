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

Value prepared(const Recipe& recipe, Mode mode, Value x) {
  if (x.dtype() == Dtype::u8) x = cast(x, Dtype::f32);
  if (recipe.x_scale != 1) x = x * (1 / recipe.x_scale);
  const bool training = mode == Mode::training;
  for (const auto& transform : training ? recipe.training_transforms : recipe.evaluation_transforms)
    x = transform->apply(x);
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

  Forward(const Recipe& recipe, ModelTrace& trace, Graph& graph, std::int64_t samples) {
    const Value x = graph.input(input_name::kX, batch_of(recipe.x, samples));
    target = graph.input(input_name::kY, batch_of(recipe.y, samples));
    prediction = recipe.model->build(trace, prepared(recipe, trace.mode(), x));
    parameters = trace.values();
  }
};

/// loss = the sum over this part of the step's samples, times `share`; its gradients by the flat buffers.
struct Backward {
  Value loss;
  Values gradients;

  Backward(const Recipe& recipe, const ParameterLayout& layout, Graph& graph,
           std::int64_t samples) {
    ModelTrace trace(graph, Mode::training, random_key(graph, samples), layout);
    const Forward forward(recipe, trace, graph, samples);
    const Scope scope(graph.store(), "loss");
    const Value share = graph.input(input_name::kShare, kScalar);
    loss = sum(recipe.loss->of_samples(forward.prediction, forward.target)) * share;
    gradients = layout.flat(ml::gradients(loss, forward.parameters));
  }
};

Value finite(const Value& x) { return equal(x * 0.0, zeros_like(x)); }

/// Clipping, watch and update.
void update(const Recipe& recipe, const ParameterLayout& layout, Graph& graph, const Value& loss,
            Values gradients) {
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
}

/// The model and the loss on a sample of one, for what their types say.
struct Traced {
  std::vector<Parameter> parameters;
  Type prediction;

  explicit Traced(const Recipe& recipe) {
    Graph graph;
    ModelTrace trace(graph, Mode::training, random_key(graph, 1));
    const Forward forward(recipe, trace, graph, 1);
    recipe.loss->of_samples(forward.prediction, forward.target);
    parameters = trace.parameters();
    prediction = forward.prediction.type();
  }
};

std::string gradient_name(const Parameter& buffer) { return "gradients." + buffer.name; }

}  // namespace

ParameterLayout layout_of(const Recipe& recipe) {
  return ParameterLayout(Traced(recipe).parameters);
}
Type prediction_of(const Recipe& recipe) { return Traced(recipe).prediction; }

Graph step_graph(const Recipe& recipe, const ParameterLayout& layout, std::int64_t samples) {
  Graph graph;
  const Backward backward(recipe, layout, graph, samples);
  const Value total = graph.input(state_name::kLoss, kScalar, Role::state) + backward.loss;
  graph.update(state_name::kLoss, total);
  update(recipe, layout, graph, total, backward.gradients);
  return graph;
}

Graph accumulation_graph(const Recipe& recipe, const ParameterLayout& layout,
                         std::int64_t samples) {
  Graph graph;
  const Backward backward(recipe, layout, graph, samples);
  graph.update(state_name::kLoss,
               graph.input(state_name::kLoss, kScalar, Role::state) + backward.loss);
  for (std::size_t k = 0; k < backward.gradients.size(); ++k) {
    const auto& buffer = layout.buffers()[k];
    const auto name = gradient_name(buffer);
    graph.update(name, graph.input(name, buffer.type, Role::state) + backward.gradients[k]);
  }
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
  update(recipe, layout, graph, graph.input(state_name::kLoss, kScalar, Role::state), gradients);
  return graph;
}

Graph evaluation_graph(const Recipe& recipe, const ParameterLayout& layout, std::int64_t samples) {
  Graph graph;
  ModelTrace trace(graph, Mode::evaluation, {}, layout);
  const Forward forward(recipe, trace, graph, samples);
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
