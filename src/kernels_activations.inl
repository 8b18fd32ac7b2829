// Activation functions: value and derivative together, for they share what is dear. Each formula is arranged to lose no
// digits in either tail, to have its limit at infinity rather than inf * 0, and to keep NaN: a comparison with NaN is
// false, so limits are written to pass it on.
//
// Exponential, expm1, log1p and tanh are Highway's, whose errors are stated in ulp: exp 1, expm1 4, log1p 2, tanh 4.

struct Both {
  Vec value, derivative;
};

HWY_INLINE Vec number(double x) { return hn::Set(d, static_cast<float>(x)); }
HWY_INLINE Vec at_most(Vec x, Vec high) { return hn::IfThenElse(hn::Gt(x, high), high, x); }
HWY_INLINE Vec at_least(Vec x, Vec low) { return hn::IfThenElse(hn::Lt(x, low), low, x); }
HWY_INLINE Vec clamp(Vec x, double low, double high) { return at_most(at_least(x, number(low)), number(high)); }
HWY_INLINE Vec positive_part(Vec z) { return at_least(z, hn::Zero(d)); }
HWY_INLINE Vec negative_part(Vec z) { return at_most(z, hn::Zero(d)); }
// `right` for z > 0, `left` for z <= 0.
HWY_INLINE Vec by_sign(Vec z, Vec left, Vec right) {
  return hn::IfThenElse(hn::Gt(z, hn::Zero(d)), right, hn::IfThenElse(hn::Le(z, hn::Zero(d)), left, z));
}
// 1 for low < z <= high, else 0.
HWY_INLINE Vec inside(Vec z, double low, double high) {
  const Vec one = number(1), zero = hn::Zero(d);
  return hn::Mul(by_sign(hn::Sub(z, number(low)), zero, one), by_sign(hn::Sub(z, number(high)), one, zero));
}

// Beyond this, factors that vanish like e^-|z| are below the least number: |z| stops here where it multiplies one.
constexpr double kFar = 800;

HWY_INLINE Vec exponential(Vec x) { return hn::IfThenElse(hn::IsNaN(x), x, hn::Exp(d, at_most(x, number(89)))); }

HWY_INLINE Vec polynomial(Vec, double c0) { return number(c0); }
template <class... Coefficients>
HWY_INLINE Vec polynomial(Vec x, double c0, Coefficients... rest) {
  return hn::MulAdd(x, polynomial(x, rest...), number(c0));
}

// s(z) = 1 / (1 + e^-z) and 1 - s(z), neither by subtraction; e = e^-|z|.
struct Logistic {
  Vec s, rest, e;
};
HWY_INLINE Logistic logistic(Vec z) {
  const Vec e = exponential(hn::Neg(hn::Abs(z)));
  const Vec large = hn::Div(number(1), hn::Add(number(1), e));
  const Vec small = hn::Mul(e, large);
  const auto is_right = hn::Gt(z, hn::Zero(d));
  return {hn::IfThenElse(is_right, large, small), hn::IfThenElse(is_right, small, large), e};
}

// erfc(x) for x >= 0: the Chebyshev fit of Press et al., Numerical Recipes, sec. 6.2.2, fractional error below 1.2e-7;
// in float below 4e-7 (1 + x^2), for the rounding of x^2.
HWY_INLINE Vec erfc_of_positive(Vec x) {
  const Vec t = hn::Div(number(1), hn::MulAdd(number(0.5), x, number(1)));
  const Vec p = polynomial(t, -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398,
                           1.48851587, -0.82215223, 0.17087277);
  return hn::Mul(t, exponential(hn::NegMulAdd(x, x, p)));
}

// Taylor's series near 0, where 1 - erfc would lose digits.
HWY_INLINE Vec error_function(Vec x) {
  const Vec s = hn::Mul(x, x);
  const Vec series = polynomial(s, 1, -1.0 / 3, 1.0 / 10, -1.0 / 42, 1.0 / 216, -1.0 / 1320, 1.0 / 9360);
  const Vec near = hn::Mul(hn::Mul(number(kTwoOverRootPi), x), series);
  const Vec far = hn::CopySign(hn::Sub(number(1), erfc_of_positive(hn::Abs(x))), x);
  return hn::IfThenElse(hn::Lt(s, number(0.25)), near, far);
}

HWY_INLINE Both sigmoid(Vec z) {
  const Logistic l = logistic(z);
  return {l.s, hn::Mul(l.s, l.rest)};
}
HWY_INLINE Both softsign(Vec z) {
  const Vec finite = clamp(z, -kLargestFloat, kLargestFloat);
  const Vec root = hn::Div(number(1), hn::Add(number(1), hn::Abs(z)));
  return {hn::Div(finite, hn::Add(number(1), hn::Abs(finite))), hn::Mul(root, root)};
}
HWY_INLINE Both softplus(Vec z) {
  const Logistic l = logistic(z);
  return {hn::Add(positive_part(z), hn::Log1p(d, l.e)), l.s};
}
HWY_INLINE Both elu(Vec z, Vec scale, Vec alpha) {
  const Vec left = hn::Mul(alpha, hn::Expm1(d, negative_part(z)));
  return {hn::MulAdd(scale, positive_part(z), left), by_sign(z, hn::Add(left, alpha), scale)};
}
// z Phi(z) = max(z, 0) - |z| Phi(-|z|), and Phi(z) + z phi(z) with Phi from its lower tail.
HWY_INLINE Both gelu(Vec z) {
  const Vec near = clamp(z, -kFar, kFar);
  const Vec far = hn::Abs(near);
  const Vec tail = hn::Mul(number(0.5), erfc_of_positive(hn::Mul(far, number(kRootHalf))));
  const Vec density =
      hn::Mul(number(kRootHalf * kTwoOverRootPi / 2), exponential(hn::Mul(hn::Mul(number(-0.5), near), near)));
  const Vec phi = hn::IfThenElse(hn::Gt(z, hn::Zero(d)), hn::Sub(number(1), tail), tail);
  return {hn::NegMulAdd(far, tail, positive_part(z)), hn::MulAdd(near, density, phi)};
}
// z s(u) with u = 2 k (z + c z^3): (1 + tanh(u / 2)) / 2 = s(u).
HWY_INLINE Both gelu_tanh(Vec z) {
  const Vec near = clamp(z, -kFar, kFar);
  const Vec square = hn::Mul(near, near);
  const Vec k = number(2 * kGeluTanhK);
  const Logistic l = logistic(hn::Mul(hn::Mul(k, near), hn::MulAdd(number(kGeluTanhC), square, number(1))));
  const Vec du = hn::Mul(k, hn::MulAdd(number(3 * kGeluTanhC), square, number(1)));
  return {hn::Mul(at_least(z, number(-kFar)), l.s), hn::Mul(l.s, hn::MulAdd(hn::Mul(near, du), l.rest, number(1)))};
}
HWY_INLINE Both silu(Vec z) {
  const Logistic l = logistic(z);
  return {hn::Mul(at_least(z, number(-kFar)), l.s), hn::Mul(l.s, hn::MulAdd(clamp(z, -kFar, kFar), l.rest, number(1)))};
}
// With e = e^z and n = e (e + 2), mish = z n / (n + 2), since tanh(ln(1 + e)) = ((1 + e)^2 - 1) / ((1 + e)^2 + 1); its
// derivative is n r + 4 z (e r) ((1 + e) r) with r = 1 / (n + 2). Above z = 40 n / (n + 2) is 1.
HWY_INLINE Both mish(Vec z) {
  const Vec e = exponential(at_most(z, number(40)));
  const Vec n = hn::Mul(e, hn::Add(e, number(2)));
  const Vec sum = hn::Add(n, number(2));
  const Vec r = hn::Div(number(1), sum);
  const Vec vanishing = hn::Mul(hn::Mul(e, r), hn::Mul(hn::Add(number(1), e), r));
  return {hn::Mul(at_least(z, number(-kFar)), hn::Div(n, sum)),
          hn::MulAdd(hn::Mul(number(4), clamp(z, -kFar, 40)), vanishing, hn::Mul(n, r))};
}

// Counts are multiples of kRowMultiple, and everything lies on a vector's boundary.
template <class Function>
HWY_INLINE void map(const float* z, float* a, float* derivative, Index count, const Function& f) {
  if (derivative == nullptr) {
    for (Index i = 0; i < count; i += kVector) hn::Store(f(hn::Load(d, z + i)).value, d, a + i);
    return;
  }
  for (Index i = 0; i < count; i += kVector) {
    const Both both = f(hn::Load(d, z + i));
    hn::Store(both.value, d, a + i);
    hn::Store(both.derivative, d, derivative + i);
  }
}

void activate(const Activation& f, const float* z, float* a, float* derivative, Index count) {
  const Vec one = number(1), zero = hn::Zero(d), slope = number(f.slope), alpha = number(f.alpha);
  const auto with = [&](const auto& function) HWY_ATTR { map(z, a, derivative, count, function); };
  switch (f.kind) {
    case ActivationKind::linear: with([&](Vec x) HWY_ATTR { return Both{x, one}; }); return;
    case ActivationKind::sigmoid: with([](Vec x) HWY_ATTR { return sigmoid(x); }); return;
    case ActivationKind::hard_sigmoid:
      with([](Vec x) HWY_ATTR {
        return Both{clamp(hn::MulAdd(x, number(1.0 / 6), number(0.5)), 0, 1),
                    hn::Mul(number(1.0 / 6), inside(x, -3, 3))};
      });
      return;
    case ActivationKind::tanh:
      with([&](Vec x) HWY_ATTR {
        const Vec y = hn::Tanh(d, x);
        return Both{y, hn::NegMulAdd(y, y, one)};
      });
      return;
    case ActivationKind::hard_tanh:
      with([](Vec x) HWY_ATTR { return Both{clamp(x, -1, 1), inside(x, -1, 1)}; });
      return;
    case ActivationKind::softsign: with([](Vec x) HWY_ATTR { return softsign(x); }); return;
    case ActivationKind::softplus: with([](Vec x) HWY_ATTR { return softplus(x); }); return;
    case ActivationKind::relu:
      with([&](Vec x) HWY_ATTR { return Both{positive_part(x), by_sign(x, zero, one)}; });
      return;
    case ActivationKind::leaky_relu:
      with([&](Vec x) HWY_ATTR {
        return Both{hn::IfThenElse(hn::Gt(x, zero), x, hn::Mul(slope, x)), by_sign(x, slope, one)};
      });
      return;
    case ActivationKind::elu: with([&](Vec x) HWY_ATTR { return elu(x, one, alpha); }); return;
    case ActivationKind::selu:
      with([](Vec x) HWY_ATTR { return elu(x, number(kSeluLambda), number(kSeluLambda * kSeluAlpha)); });
      return;
    case ActivationKind::gelu: with([](Vec x) HWY_ATTR { return gelu(x); }); return;
    case ActivationKind::gelu_tanh: with([](Vec x) HWY_ATTR { return gelu_tanh(x); }); return;
    case ActivationKind::silu: with([](Vec x) HWY_ATTR { return silu(x); }); return;
    case ActivationKind::mish: with([](Vec x) HWY_ATTR { return mish(x); }); return;
    case ActivationKind::erf:
      with([](Vec x) HWY_ATTR {
        return Both{error_function(x), hn::Mul(number(kTwoOverRootPi), exponential(hn::Neg(hn::Mul(x, x))))};
      });
      return;
  }
}

void exponentials(float* x, Index count) {
  for (Index i = 0; i < count; i += kVector) hn::Store(exponential(hn::Load(d, x + i)), d, x + i);
}
