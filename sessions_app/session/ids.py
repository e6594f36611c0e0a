"""Which ids a session uses already. People choose those of their messages, agents those of what they publish."""

from sessions_app.session.snapshots import load_view


def whose(session_id: str, ids: list[str]) -> dict[str, str | None]:
    """Of these ids those that are in use for anything, each with the run that it belongs to, if any."""
    _, view = load_view(session_id)
    known = {item["id"]: item["run"] for item in view["items"]}
    known |= {waiting["id"]: None for waiting in view["inputs"]}
    known |= {run_id: run_id for run_id in view["runs"]}
    return {each: known[each] for each in ids if each in known}
