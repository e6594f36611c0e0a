"""Who follows one session: the people of this process, and those of the others as far as they have said."""

from sessions_app.live.frames import Frame, frame

TYPING_SECONDS = 6.0
# Others repeat that they type; a word of theirs that is late must not make it flicker.
TYPING_ELSEWHERE_SECONDS = 8.0
REPEAT_SECONDS = 3.0
HEARD_SECONDS = 60.0
PEOPLE_MOST = 100

GONE, HERE, TYPING = 0, 1, 2


class Typist:
    __slots__ = ("heard", "repeated", "shown", "until")

    def __init__(self) -> None:
        self.shown = False
        self.until = 0.0
        self.repeated = 0.0
        self.heard = (
            -HEARD_SECONDS
        )  # when this was last worth telling whoever asks if a holder is still there


class Room:
    """Times are of ``time.monotonic``. Small: there is one for each session that is open somewhere."""

    __slots__ = ("here", "others", "session_id", "stream_id", "told", "typists")

    def __init__(self, session_id: str, stream_id: int) -> None:
        self.session_id = session_id
        self.stream_id = stream_id
        self.here: dict[str, int] = {}  # actor -> connections of this process
        self.typists: dict[str, Typist] | None = None  # of this process
        self.others: dict[str, dict[str, float]] | None = None  # process -> actor -> types until
        self.told = 0  # hash of the frame that was shown last

    # The people of this process.

    def enter(self, actor: str) -> bool:
        """Returns whether the actor is new here."""
        count = self.here.get(actor, 0)
        self.here[actor] = count + 1
        return count == 0

    def leave(self, actor: str) -> bool:
        """Returns whether that was the actor's last connection."""
        count = self.here[actor] - 1
        if count:
            self.here[actor] = count
            return False
        del self.here[actor]
        if self.typists is not None:
            self.typists.pop(actor, None)
        return True

    def typist(self, actor: str) -> Typist:
        if self.typists is None:
            self.typists = {}
        return self.typists.setdefault(actor, Typist())

    def types(self, actor: str, on: bool, now: float) -> bool:
        """Returns whether others should be told: of a change, and now and then that it goes on."""
        typist = self.typist(actor)
        typist.until = now + TYPING_SECONDS if on else 0.0
        if on == typist.shown and not (on and now - typist.repeated >= REPEAT_SECONDS):
            return False
        typist.shown, typist.repeated = on, now
        return True

    def typing_until(self) -> float | None:
        """When the next of this process's people should be shown as typing no longer, if nothing comes."""
        shown = [each.until for each in (self.typists or {}).values() if each.shown]
        elsewhere = [until for actors in (self.others or {}).values() for until in actors.values() if until]
        return min([*shown, *elsewhere], default=None)

    def end_typing(self, now: float) -> list[str]:
        """The people of this process who have stopped; those of others are forgotten quietly."""
        ended = [actor for actor, each in (self.typists or {}).items() if each.shown and each.until <= now]
        for actor in ended:
            self.typist(actor).shown = False
        for actors in (self.others or {}).values():
            for actor, until in actors.items():
                if until and until <= now:
                    actors[actor] = 0.0
        return ended

    def states(self) -> list[tuple[str, int]]:
        """What this process answers when it is asked."""
        return [(actor, TYPING if self.shows_typing(actor) else HERE) for actor in self.here]

    def shows_typing(self, actor: str) -> bool:
        typist = (self.typists or {}).get(actor)
        return typist is not None and typist.shown

    # Those of the other processes.

    def hear(self, process: str, actor: str, state: int, now: float) -> None:
        if self.others is None:
            self.others = {}
        actors = self.others.setdefault(process, {})
        if state == GONE:
            actors.pop(actor, None)
            if not actors:
                self.forget(process)
        else:
            actors[actor] = now + TYPING_ELSEWHERE_SECONDS if state == TYPING else 0.0

    def forget(self, process: str) -> bool:
        """Returns whether anything was known from it."""
        known = (self.others or {}).pop(process, None)
        if not self.others:
            self.others = None
        return known is not None

    # What is shown.

    def frame(self) -> Frame:
        people = {actor: self.shows_typing(actor) for actor in self.here}
        for actors in (self.others or {}).values():
            for actor, until in actors.items():
                people[actor] = people.get(actor, False) or bool(until)
        shown = sorted(people.items())[:PEOPLE_MOST]
        return frame(
            t="presence",
            s=self.session_id,
            people=[{"actor": actor, "typing": typing} for actor, typing in shown],
        )
