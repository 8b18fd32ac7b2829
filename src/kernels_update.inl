// One step of an optimizer, number by number: memory is the limit, so every array is walked once.

template <class Step>
HWY_INLINE void for_each_weight(const Rule<float>& rule, Index count, float* w, const float* g, const Step& step) {
  const Vec decay = hn::Set(d, rule.decay), rate = hn::Set(d, rule.learning_rate);
  for (Index at = 0; at < count; at += kVector) {
    const Vec weight = hn::Load(d, w + at);
    const Vec slope = hn::MulAdd(decay, weight, hn::Load(d, g + at));
    hn::Store(hn::NegMulAdd(rate, step(at, slope), weight), d, w + at);
  }
}

// count is a multiple of kRowMultiple, and everything lies on a vector's boundary.
void apply(const Rule<float>& rule, Index count, float* w, const float* g, float* first, float* second) {
  const Vec keep_first = hn::Set(d, rule.keep_first), add_first = hn::Set(d, rule.add_first);
  const Vec keep_second = hn::Set(d, rule.keep_second), add_second = hn::Set(d, rule.add_second);
  const Vec epsilon = hn::Set(d, rule.epsilon), root_correction = hn::Set(d, rule.root_correction);
  const auto moved = [](float* state, Index at, Vec keep, Vec add, Vec slope) HWY_ATTR {
    const Vec v = hn::MulAdd(keep, hn::Load(d, state + at), hn::Mul(add, slope));
    hn::Store(v, d, state + at);
    return v;
  };
  switch (rule.kind) {
    case OptimizerKind::sgd:
      for_each_weight(rule, count, w, g, [](Index, Vec slope) HWY_ATTR { return slope; });
      return;
    case OptimizerKind::momentum:
      for_each_weight(rule, count, w, g,
                      [&](Index at, Vec slope) HWY_ATTR { return moved(first, at, keep_first, add_first, slope); });
      return;
    case OptimizerKind::nesterov:
      for_each_weight(rule, count, w, g, [&](Index at, Vec slope) HWY_ATTR {
        return hn::MulAdd(keep_first, moved(first, at, keep_first, add_first, slope), slope);
      });
      return;
    case OptimizerKind::rmsprop:
      for_each_weight(rule, count, w, g, [&](Index at, Vec slope) HWY_ATTR {
        const Vec s = moved(second, at, keep_second, add_second, hn::Mul(slope, slope));
        return hn::Div(slope, hn::Add(hn::Sqrt(s), epsilon));
      });
      return;
    case OptimizerKind::adam:
      for_each_weight(rule, count, w, g, [&](Index at, Vec slope) HWY_ATTR {
        const Vec m = moved(first, at, keep_first, add_first, slope);
        const Vec s = moved(second, at, keep_second, add_second, hn::Mul(slope, slope));
        return hn::Div(m, hn::Add(hn::Div(hn::Sqrt(s), root_correction), epsilon));
      });
      return;
  }
}
