"""Prints, for each CSV named, a line "file<TAB>column<TAB>type", as pandas sees it without options."""
import os
import sys

import pandas

for path in sys.argv[1:]:
    table = pandas.read_csv(path)
    for column in table.columns:
        values = table[column]
        kind = ("empty" if values.isna().all() else "boolean" if values.dtype.kind == "b" else
                "number" if values.dtype.kind in "iuf" else "text")
        print(os.path.basename(path), column, kind, sep="\t")
