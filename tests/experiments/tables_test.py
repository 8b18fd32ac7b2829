"""experiments/tables, on results made up by hand."""
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "experiments/tables"
PAGES = ["README.md", "experiments/chapter/README.md", "experiments/published/README.md"]
MARKS = "<!-- experiments: begin -->\n<!-- experiments: end -->\n"
CHECKS = ("id,claim,expected,observed,n,p_value,verdict,reason,cell_id,cell,quantity,low,high,published,layer,epoch,"
          "compared_with\n")


class Tables(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="initsweep-tables-"))
        self.addCleanup(shutil.rmtree, self.root)
        for page in PAGES:
            self.write(page, f"# Top\n{MARKS}bottom\n")
        for kind, name, verdict in (("chapter", "s7", "not so"), ("published", "e1", "")):
            self.write(f"results/{kind}/index.csv", "name,file,claim,source,verdict,condition\n"
                       f"{name},experiments/{kind}/{name}.yaml,a | b,\"He, 2015\",{verdict},\n")
            self.write(f"results/{kind}/times.csv", f"name,jobs,minutes,instruction_set\n{name},4,5,x86-64-v3\n")
        self.write("results/chapter/s7/checks.csv", CHECKS +
                   "e1,c,at least 0.3,0.123456,3,,fails,,c_1,tanh,test_accuracy,0.1,0.2,,,,\n"
                   "e1,c,at least 0.3,0.5,3,,holds,,c_2,relu,test_accuracy,0.4,0.6,,,,\n"
                   "e2,no loss,\"ok, every seed\",3.0,3,,holds,,c_1,tanh,status,,,,,,\n"
                   "e3,d,more than 0 above relu,0.0,3,,inconclusive,,c_1,tanh,test_accuracy,-1.0,1.0,,,,relu\n")
        self.write_published("0.9844")

    def write(self, name, text):
        (self.root / name).parent.mkdir(parents=True, exist_ok=True)
        (self.root / name).write_text(text, encoding="utf-8")

    def write_published(self, observed):
        self.write("results/published/e1/checks.csv", CHECKS +
                   f"e1,as printed,equals 0.98,{observed},3,,holds,,c_1,tanh,test_accuracy,0.97,0.99,0.98,,,\n"
                   "e2,little,at most 0.1,0.01,3,,holds,,c_1,tanh,train_loss,0.009,0.011,,,,\n")

    def tables(self, *options):
        return subprocess.run([sys.executable, SCRIPT, "--root", self.root, *options], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, check=False)

    def page(self, name):
        return (self.root / name).read_text(encoding="utf-8")

    def test_a_page_is_what_the_results_say_and_keeps_what_is_around(self):
        self.assertEqual(self.tables().returncode, 0)
        for page in PAGES:
            self.assertRegex(self.page(page), r"(?s)^# Top\n<!-- experiments: begin -->\n.+\n"
                                              r"<!-- experiments: end -->\nbottom\n$")
        self.assertIn(
            "| S7 | a \\| b | not so |  | 1 of 3 expectations hold"
            "<br>`test_accuracy` of 2 cells: 0.12346 to 0.5 (at least 0.3): fails"
            "<br>`status` of tanh: 3 of 3 seeds (ok, every seed)"
            "<br>`test_accuracy` of tanh, difference to relu: 0 (more than 0 above relu): inconclusive "
            "| `build/initsweep run experiments/chapter/s7.yaml` |\n", self.page(PAGES[1]))
        self.assertIn("\n## [e1](e1.yaml)\n\na | b. *He, 2015*\n\n`build/initsweep run experiments/published/e1.yaml`, "
                      "2.5 minutes on two cores; 2 of 2 expectations hold.\n", self.page(PAGES[2]))
        self.assertIn("| as printed | `test_accuracy`, equals 0.98 | tanh | 0.98 | 0.9844 (0.97 to 0.99) | holds |\n",
                      self.page(PAGES[2]))
        # 2.5: five minutes of one processor are half of that on two. The number without a published one is left out.
        self.assertIn("| [e1](experiments/published/e1.yaml)<br>a \\| b |  | 0.98 | 0.9844, `test_accuracy` of tanh "
                      "| 2 of 2 | 2.5 | `build/initsweep run experiments/published/e1.yaml` |\n", self.page(PAGES[0]))

    def test_a_stale_page_is_found_and_left_alone(self):
        stale = self.tables("--check")
        self.assertEqual(stale.returncode, 1)
        for page in PAGES:
            self.assertIn(str(self.root / page), stale.stderr)
        self.assertEqual(self.page("README.md"), f"# Top\n{MARKS}bottom\n")
        self.tables()
        self.assertEqual(self.tables("--check").returncode, 0)
        self.write_published("0.9846")
        stale = self.tables("--check")
        self.assertEqual((stale.returncode, PAGES[1] in stale.stderr), (1, False))
        self.assertIn(f"{PAGES[2]}: not what {self.root / 'results'} gives; run experiments/tables", stale.stderr)
        self.tables()
        self.assertIn("0.9846", self.page("README.md"))

    def test_long_tables_show_what_was_printed_and_count_the_rest(self):
        rows = "".join(f"e{i},c,at least 1,2,3,,{'fails' if i == 5 else 'holds'},,c_1,tanh,train_loss,,,"
                       f"{'1.5' if i in (7, 8) else ''},,,\n" for i in range(41))
        self.write("results/published/e1/checks.csv", CHECKS + rows)
        self.tables()
        self.assertEqual(self.page(PAGES[2]).count("| c | `train_loss`"), 2)
        self.assertIn("Besides, without a published number: 1 fails, 38 holds.", self.page(PAGES[2]))

    def test_what_is_missing_is_said(self):
        self.write("README.md", "# Top\n")
        done = self.tables()
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stderr, f"{self.root / 'README.md'}: no place for the experiments; expected a line "
                                      "<!-- experiments: begin --> and below it a line <!-- experiments: end -->\n")
        (self.root / "results/chapter/s7/checks.csv").unlink()
        self.assertIn("s7/checks.csv: no such file; experiments/measure writes it", self.tables().stderr)


if __name__ == "__main__":
    unittest.main()
