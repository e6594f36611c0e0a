"""Morning briefs of many reps at once: ``python -m tests.bench.briefs --reps 500``.

All reps are in one zone, so that all briefs are due at the same minute: two workers, one web process, PostgreSQL and Redis as
real processes, the stand-in model without delay. Printed as JSON: how long it took until all were started and until all had
ended, briefs a second, tokens, and what these tokens cost at the list price of a model (the stand-in itself costs nothing,
and it counts tokens as characters / 4). ``chat_ms``: from sending a question in the midst of it to its first words.
"""

import argparse
import json
import tempfile
import time
from datetime import date
from decimal import Decimal
from pathlib import Path

from tests.briefs import company as companies
from tests.briefs.company import Company
from tests.support.ports import until
from tests.support.topology import Templates, Topologies

DAY = date(2026, 3, 9)
ASK = """
import time, uuid
from sales_app.people.models import User
from sessions_app.control.start import start_session
from sessions_app.runs.models import Run
user = User.objects.create_user(email=f"{uuid.uuid4().hex}@example.com")
began = time.monotonic()
run = start_session(user, text="What is on my calendar today?").input.run_id
while not Run.objects.get(pk=run).steps.exists():
    time.sleep(0.01)
print(round((time.monotonic() - began) * 1000))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reps", type=int, default=500, help="default: %(default)s")
    parser.add_argument("--model", default="claude-sonnet-5-5", help="whose list price; default: %(default)s")
    options = parser.parse_args()
    companies.ZONES = ("America/New_York",)
    with tempfile.TemporaryDirectory(prefix="clewline-bench-") as directory:
        templates = Templates(Path(directory))
        topology = Topologies(Path(directory), templates)
        try:
            print(json.dumps(_measure(topology, options.reps, options.model)))
        finally:
            topology.close()
            templates.close()


def _measure(topology: Topologies, reps: int, model: str) -> dict[str, object]:
    company = Company(topology, reps=reps, first=DAY)
    ((due, _),) = company.due(DAY)
    company.clewline.start()
    company.set_clock(due)
    began = time.monotonic()
    until(lambda: company.delivered() > 0, timeout=120, what="the first brief")
    first = time.monotonic() - began
    company.wait(reps, seconds=600)
    started = time.monotonic() - began
    chat = int(company.clewline.shell(ASK).split()[-1])
    company.wait(reps + 1, ended=True, seconds=1800)
    ended = time.monotonic() - began
    ((fresh, out, read, write, calls),) = company.rows(
        "SELECT sum(input_tokens), sum(output_tokens), sum(cache_read_tokens), sum(cache_write_tokens), count(*)"
        " FROM clewline_step s JOIN clewline_run r ON r.id = s.run_id WHERE s.model <> '' AND r.queue = 'scheduled'"
    )
    prices = _prices(model)
    cost = sum(Decimal(price) * count for price, count in zip(prices, (fresh, out, read, write), strict=True))
    return {
        "reps": reps,
        "first_started_s": round(first, 1),
        "all_started_s": round(started, 1),
        "all_ended_s": round(ended, 1),
        "briefs_per_second": round(reps / (ended - first), 2),
        "chat_ms": chat,
        "model_calls": calls,
        "input_tokens": fresh + read + write,
        "output_tokens": out,
        "cost_usd": float(round(cost / 1_000_000, 2)),
        "cost_usd_per_brief": float(round(cost / 1_000_000 / reps, 5)),
        "at_the_price_of": model,
    }


def _prices(model: str) -> tuple[str, str, str, str]:
    import os  # noqa: PLC0415

    import django  # noqa: PLC0415

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from sales_app.agent.pricing import LIST_PRICES  # noqa: PLC0415

    return LIST_PRICES[model, 0]


if __name__ == "__main__":
    main()
