"""What `initsweep theory` says; the numbers themselves are held by unit tests."""

import json
import unittest

from harness import ProgramTest


class Theory(ProgramTest):
    def theory(self, *arguments):
        result = self.run_program("theory", *arguments, "--format", "json")
        self.check(result, 0, stderr="")
        return json.loads(result.stdout)

    def test_every_combination_is_a_row(self):
        rows = self.theory("--activation", "tanh,{leaky_relu: {slope: 0.2}}", "--activation", "relu",
                           "--weight-variance", "1,1.5", "--bias-variance", "0,0.05")
        self.assertEqual([(row["activation"], row["weight_variance"], row["bias_variance"]) for row in rows],
                         [(f, w, b) for f in ("tanh", "leaky_relu(slope=0.2)", "relu") for w in (1, 1.5)
                          for b in (0, 0.05)])

    def test_the_table_is_for_people(self):
        # Schoenholz et al. 2017's setting: an ordered net, a chaotic one, and Glorot's without bias.
        result = self.run_program("theory", "--activation", "tanh", "--weight-variance", "1.5,2.5", "--bias-variance",
                                  "0.05")
        self.check(result, 0, stdout_lines=[
            "activation  weight_variance  bias_variance      q    chi1       c   xi_c   xi_q  phase       slope  "
            "trainable_depth",
            "tanh                    1.5           0.05  0.418  0.9386       1  15.79  1.683  ordered  -0.01375  "
            "          94.75",
            "tanh                    2.5           0.05  1.064   1.134  0.4468   11.8   1.18  chaotic   0.02721  "
            "          70.77",
            "q: variance that preactivations run into; chi1: factor of the gradient's mean square a layer; c: "
            "correlation that",
            "two inputs run into; xi_c, xi_q: layers in which c and q come a factor e nearer; slope: decades a layer "
            "toward the",
            "input, negative is vanishing; trainable_depth: 6 xi_c, of plain gradient descent; -: there is none"])
        result = self.run_program("theory", "--activation", "tanh", "--weight-variance", "1")
        self.assertRegex(result.stdout.splitlines()[1], r"^tanh +1 +0 +0 +1 +1 +inf +inf +critical +0 +inf$")

    def test_infinity_is_missing_for_programs(self):
        result = self.run_program("theory", "--activation", "relu", "--weight-variance", "4", "--format", "csv")
        self.check(result, 0, stdout_lines=[
            "activation,weight_variance,bias_variance,q,chi1,c,xi_c,xi_q,phase,slope,trainable_depth",
            "relu,4.0,0.0,,2.0,1.0,,,chaotic,0.1505149978319906,"])
        row, = self.theory("--activation", "relu", "--weight-variance", "4")
        self.assertIsNone(row["q"])

    def test_q_asks_for_the_edge_of_chaos_there(self):
        tanh, relu = self.theory("--activation", "tanh,relu", "--q", "0.57")
        self.assertAlmostEqual(tanh["weight_variance"], 1.760905846757, places=9)  # R's, as in theory_test.cpp
        self.assertAlmostEqual(tanh["bias_variance"], 0.049991339674, places=9)
        self.assertAlmostEqual(tanh["q"], 0.57, places=9)
        self.assertEqual((relu["weight_variance"], relu["bias_variance"], relu["q"]), (2, 0, 0.57))
        self.assertEqual([(row["phase"], row["slope"]) for row in (tanh, relu)], [("critical", 0)] * 2)

    def test_initializers_have_their_own_variances(self):
        laws = "glorot_uniform,he_normal,torch_default,{normal: {stddev: 1}},{mean_field: {weight_variance: 1.5, " \
               "bias_variance: 0.05}}"
        rows = self.theory("--activation", "tanh", "--initializer", laws)
        expected = [(1, 0), (2, 0), (1 / 3, 1 / 900), (300, 0), (1.5, 0.05)]
        for row, (weight_variance, bias_variance) in zip(rows, expected, strict=True):
            self.assertAlmostEqual(row["weight_variance"], weight_variance)
            self.assertAlmostEqual(row["bias_variance"], bias_variance)
        self.assertEqual(rows[4]["initializer"], "mean_field(weight_variance=1.5;bias_variance=0.05)")
        row, = self.theory("--activation", "sigmoid", "--initializer", "{normal: {stddev: 1}}", "--width", "1000")
        self.assertAlmostEqual(row["chi1"], 3.025, places=3)  # the published value for N(0, 1) at n = 1000

    def test_what_makes_no_sense_is_said(self):
        for arguments, message in [
                (["--q", "1"], "initsweep theory: --activation is required\n"
                               "'initsweep theory --help' shows how it is used"),
                (["--activation", "tanh"],
                 "theory needs one of --weight-variance, --q and --initializer, got none"),
                (["--activation", "tanh", "--q", "1", "--weight-variance", "2"],
                 "theory needs one of --weight-variance, --q and --initializer, got more"),
                (["--activation", "tanh", "--q", "1", "--bias-variance", "2"],
                 "--bias-variance goes with --weight-variance; --q and --initializer have their own"),
                (["--activation", "tanh", "--q", "1", "--width", "2"],
                 "--width goes with --initializer: without it no variance depends on a width"),
                (["--activation", "tanh", "--weight-variance", "1,-1"],
                 "--weight-variance takes numbers from 0 to 1e300, got '-1'"),
                (["--activation", "tanh", "--weight-variance", "nan"],
                 "--weight-variance takes numbers from 0 to 1e300, got 'nan'"),
                (["--activation", "tanh", "--q", "0"], "--q takes numbers above 0 to 1e300, got '0'"),
                (["--activation", "sigmoid", "--q", "1"],
                 "edge_of_chaos(q=1) does not exist for sigmoid: with chi_1 = 1 that fixed point needs a bias variance "
                 "of -5.543, below 0; choose another q or activation"),
                (["--activation", "tanh", "--initializer", "lsuv"],
                 "--initializer lsuv: mean-field theory needs weights that are random, independent and of mean 0"),
                (["--activation", "tanh", "--initializer", "{normal: {stddev: 1.0e+200}}"],
                 "--initializer {normal: {stddev: 1.0e+200}}: variances go up to 1e300 here"),
                (["--activation", "tanh", "--initializer", "edge_of_chaos"],
                 "--initializer: edge_of_chaos needs edge_of_chaos.q, which has no default"),
                (["--activation", "tanh", "--initializer", "mean_field"],
                 "--initializer: mean_field needs mean_field.weight_variance, which has no default"),
                (["--activation", "tanh", "--initializer", "constant"],
                 "--initializer: constant needs constant.value, which has no default"),
                (["--activation", "tanh", "--initializer", "he_normal", "--width", "0"],
                 "--width takes a whole number from 1 to 65536, got '0'")]:
            with self.subTest(arguments):
                self.check(self.run_program("theory", *arguments), 2, f"initsweep: error: {message}\n")

    def test_an_unknown_activation_gets_the_place(self):
        result = self.run_program("theory", "--activation", "tahn", "--q", "1")
        self.check(result, 2)
        self.assertTrue(result.stderr.startswith("--activation:1:12: error: unknown activation 'tahn'\n"))

    def check(self, result, code, stderr=None, stdout_lines=None):
        super().check(result, code, stderr)
        if stdout_lines is not None:
            self.assertEqual(result.stdout.splitlines(), stdout_lines)


if __name__ == "__main__":
    unittest.main()
