"""Prints the claim checker's figures: ``python -m tests.claims.corpus [--misses dev|held-out]``."""

import argparse

from tests.claims.corpus import HALVES, answers, misses, table


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.claims.corpus", description=__doc__)
    parser.add_argument("--misses", choices=HALVES, help="list what was judged wrongly in this half")
    half = parser.parse_args().misses
    found = answers()
    print(table(found))
    if half:
        print("", misses(found, half), sep="\n")


main()
