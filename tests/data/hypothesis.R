# Prints hypothesis.inc: what R says of samples, p values and permutations, all of them given to the test to 17 digits.
#
#     Rscript tests/data/hypothesis.R > tests/data/hypothesis.inc     (printed with R 4.2.2)
#
# t.test, p.adjust and power.t.test are R's own. Permutations are enumerated in integers, where ties are exact: the
# test has them in units of 1e-4.
set.seed(1)

number <- function(x) ifelse(is.infinite(x), ifelse(x < 0, "-kInfinity", "kInfinity"), sprintf("%.17g", x))
numbers <- function(x) paste(number(x), collapse = ", ")
list_of <- function(x) paste0("{", numbers(x), "}")
table_of <- function(type, name, rows) cat("const ", type, " ", name, "[] = {\n", rows, "};\n", sep = "")
row_of <- function(name, ...) paste0('{"', name, '", ', paste(..., sep = ", "), "},\n")

# mean, standard error, degrees of freedom, bounds at this confidence, p of `less` and of `greater`
told_by <- function(confidence, ...) {
  less <- t.test(..., alternative = "less", conf.level = confidence)
  greater <- t.test(..., alternative = "greater", conf.level = confidence)
  list(error = less$stderr, freedom = unname(less$parameter), low = greater$conf.int[1], high = less$conf.int[2],
       below = less$p.value, above = greater$p.value)
}

one_sample <- function(name, x, threshold, confidence = 0.95) {
  r <- told_by(confidence, x, mu = threshold)
  row_of(name, list_of(x), "{}", numbers(c(threshold, confidence, mean(x), sd(x), unlist(r))))
}

two_samples <- function(name, x, y, threshold, confidence = 0.95) {
  r <- told_by(confidence, x, y, mu = threshold)
  row_of(name, list_of(x), list_of(y),
         numbers(c(threshold, confidence, mean(x) - mean(y), sqrt(var(x) + var(y)), unlist(r))))
}

accuracies <- function(n, mean, sd) round(rnorm(n, mean, sd), 4)

table_of("SampleCase", "kOneSample", c(
  one_sample("two_values", c(0.9134, 0.9341), 0.9),
  one_sample("two_far_apart", c(-1e12, 3e12), 1, 0.9),
  one_sample("three_accuracies", c(0.9712, 0.9688, 0.9731), 0.975),
  one_sample("five_differences", c(-0.0012, 0.0031, -0.0008, -0.0044, 0.0009), -0.005),
  one_sample("five_with_repeats", c(0.002, 0.002, -0.001, 0.002, -0.001), 0, 0.99),
  one_sample("one_outlier", c(0.9, 0.91, 0.9, 0.905, 0.1135, 0.908), 0.9),
  one_sample("outlier_first", c(-1e6, 1, 2, 3, 4), 0),
  one_sample("ten_near_half", c(0.1, -0.1, 0.2, -0.2, 0.3, -0.3, 0.4, -0.4, 0.5, -0.499), 0, 0.6),
  one_sample("tiny_spread_at_one", 1 + (c(3, -5, 1, 0, 2, -7, 4) * 2^-30), 1 + 2^-31),
  one_sample("tiny_values", c(3e-38, 5e-38, 1e-38, 4.5e-38), 1e-38),
  one_sample("huge_spread", c(1e100, -2e100, 4e100, 5e99, 1e-100, -3e99), 1e99),
  one_sample("twelve_nines_sure", accuracies(12, 0.1, 0.012), 0.9),
  one_sample("thirty", accuracies(30, -0.001, 0.004), -0.005),
  one_sample("thirty_not_far", accuracies(30, 0.97, 0.002), 0.9703, 0.999)))

table_of("SampleCase", "kTwoSamples", c(
  two_samples("two_and_two", c(0.91, 0.93), c(0.92, 0.925), -0.005),
  two_samples("three_and_five", c(0.9512, 0.9533, 0.9498), c(0.9551, 0.9522, 0.9547, 0.9561, 0.9519), -0.005),
  two_samples("two_and_thirty", c(0.89, 0.94), accuracies(30, 0.92, 0.01), 0, 0.9),
  two_samples("thirty_and_two", accuracies(30, 0.92, 0.01), c(0.89, 0.94), 0),
  two_samples("one_constant", c(0.1135, 0.1135, 0.1135, 0.1135), c(0.1135, 0.1009, 0.1028, 0.098), -0.005),
  two_samples("other_constant", c(0.1, 0.2, 0.4), c(0.5, 0.5, 0.5, 0.5, 0.5), 0),
  two_samples("variances_far_apart", c(0.9, 0.900001, 0.899999, 0.9000005), c(0.2, 0.8, 0.5, 0.9, 0.1), 0),
  two_samples("tiny_variances", c(1, 3, 2) * 1e-60, c(2, 5, 4, 6) * 1e-60, 0),
  two_samples("huge_variances", c(1, 3, 2) * 1e70, c(2, 5, 4, 6) * 1e69, 0),
  two_samples("starved_against_trained", accuracies(7, 0.1135, 0.008), accuracies(9, 0.95, 0.01), -0.005),
  two_samples("the_same", c(0.91, 0.92, 0.9), c(0.91, 0.92, 0.9), 0, 0.8),
  two_samples("fifteen_and_twelve", accuracies(15, 0.963, 0.004), accuracies(12, 0.97, 0.002), -0.005, 0.99)))

adjusted <- function(name, p) row_of(name, list_of(p), list_of(p.adjust(p, method = "holm")))
table_of("HolmCase", "kHolm", c(
  adjusted("one", 0.03),
  adjusted("ascending", c(0.001, 0.01, 0.02, 0.04)),
  adjusted("out_of_order", c(0.04, 0.0007, 0.3, 0.012, 0.011)),
  adjusted("held_up_by_a_smaller_one", c(0.01, 0.011, 0.012, 0.5)),
  adjusted("ties", c(0.02, 0.01, 0.02, 0.01, 0.02)),
  adjusted("ones_and_zeros", c(1, 0, 1, 0.2, 0, 1)),
  adjusted("all_ones", c(1, 1, 1)),
  adjusted("tiny", c(1e-12, 3e-300, 1e-12, 0.9)),
  adjusted("many", round(runif(40)^4, 6))))

# Shares of all sign flips, and of all ways to deal, whose sum is no larger than the observed one.
flipped <- function(name, d, shift) {
  sums <- 0
  for (x in d + shift) sums <- c(sums + x, sums - x)
  row_of(name, list_of(d), "{}", number(shift), number(mean(sums <= sum(d + shift))))
}
dealt <- function(name, a, b, shift) {
  all <- c(a + shift, b)
  sums <- combn(seq_along(all), length(a), function(i) sum(all[i]))
  row_of(name, list_of(a), list_of(b), number(shift), number(mean(sums <= sum(a + shift))))
}
units <- function(n, mean, sd) round(rnorm(n, mean, sd)) + 0  # no -0

table_of("PermutationCase", "kSignFlips", c(
  flipped("one_positive", 12, 0),
  flipped("one_negative", 12, -50),
  flipped("two", c(-3, 5), 0),
  flipped("all_below", c(-12, -31, -8, -44, -9), 0),
  flipped("all_above", c(12, 31, 8, 44, 9), 0),
  flipped("shifted", c(-12, -31, -8, -74, -90, 13, -28), 50),
  flipped("shifted_to_zeros", c(-50, -50, -50, -61, -39, -80), 50),
  flipped("ties_that_rounding_would_break", c(-1, -2, 3, -1, -3, 4, -7, 1, 2, 2), 0),
  flipped("all_equal", rep(-50, 8), 49),
  flipped("sixteen", units(16, -15, 30), 0)))
table_of("PermutationCase", "kManySignFlips", c(
  flipped("seventeen", units(17, -10, 30), 0),
  flipped("twenty", units(20, -60, 20), 50),
  flipped("twenty_above", units(20, 3, 20), 0)))
table_of("PermutationCase", "kDeals", c(
  dealt("one_and_one", 9100, 9200, 0),
  dealt("one_and_nineteen", 9000, 9000 + units(19, 100, 50), 0),
  dealt("three_and_three", c(9512, 9533, 9498), c(9551, 9522, 9547), 0),
  dealt("three_and_five", c(9512, 9533, 9498), c(9551, 9522, 9547, 9561, 9519), 50),
  dealt("ties_that_rounding_would_break", c(1, 2, 3, 7), c(3, 3, 4, 1, 2), 1),
  dealt("all_equal", rep(1135, 4), rep(1135, 5), 0),
  dealt("lowest_of_all", 1:5, 11:17, 0),
  dealt("nine_and_nine", units(9, 9500, 30), units(9, 9530, 30), 0)))
table_of("PermutationCase", "kManyDeals", c(
  dealt("ten_and_ten", units(10, 9500, 30), units(10, 9520, 30), 0),
  dealt("seven_and_fifteen", units(7, 9400, 30), units(15, 9480, 30), 50)))

# The least n whose power is enough when the spread is the upper 80 % limit of what was seen. Two samples of n each have
# between n - 1 and 2 (n - 1) degrees of freedom, in proportion to those seen.
least <- function(has_power) { n <- 2; while (!has_power(n)) n <- n + 1; n }
upper_spread <- function(std, freedom) std * sqrt(freedom / qchisq(0.2, freedom))
pairs_needed <- function(name, n, std, margin, power) {
  sd <- upper_spread(std, n - 1)
  needed <- least(function(k) power.t.test(n = k, delta = margin, sd = sd, sig.level = 0.05, type = "one.sample",
                                           alternative = "one.sided", strict = TRUE)$power >= power)
  row_of(name, n, numbers(c(n - 1, std, margin, power)), needed)
}
welch_needed <- function(name, n, freedom, std, margin, power) {
  sd <- upper_spread(std, freedom)
  needed <- least(function(k) {
    df <- freedom / (n - 1) * (k - 1)
    pt(qt(0.95, df), df, ncp = sqrt(k) * margin / sd, lower.tail = FALSE) >= power
  })
  row_of(name, n, numbers(c(freedom, std, margin, power)), needed)
}
table_of("PlanCase", "kPlans", c(
  pairs_needed("two_seen", 2, 0.003, 0.005, 0.9),
  pairs_needed("three_seen", 3, 0.004, 0.005, 0.9),
  pairs_needed("five_seen", 5, 0.004, 0.005, 0.9),
  pairs_needed("five_wide", 5, 0.03, 0.005, 0.9),
  pairs_needed("little_spread", 3, 1e-5, 0.005, 0.9),
  pairs_needed("two_are_almost_enough", 5, 5e-4, 0.005, 0.9),
  pairs_needed("many_seen", 200, 0.004, 0.005, 0.9),
  pairs_needed("twenty_cells", 5, 0.004, 0.005, 0.995),
  pairs_needed("even_odds", 4, 0.01, 0.005, 0.5),
  pairs_needed("thousands", 5, 0.09, 0.005, 0.95),
  welch_needed("welch_of_one_variance", 3, 4, 0.007, 0.005, 0.9),
  welch_needed("welch_of_a_constant", 5, 4, 0.007, 0.005, 0.9),
  welch_needed("welch_between", 5, 6.3, 0.007, 0.005, 0.9)))
