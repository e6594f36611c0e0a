"""The twelve people of the demo company."""

from dataclasses import dataclass
from datetime import time
from typing import Final

DOMAIN: Final = "clewline.example"
PASSWORD: Final = "try-clewline"  # noqa: S105  # printed at start; the demo is refused in the production profile


@dataclass(frozen=True, kw_only=True)
class Person:
    key: str
    first_name: str
    last_name: str
    role: str
    time_zone: str
    locale: str = "en-US"
    title: str = ""
    manager: str = ""  # the key of another
    begins: time = time(9)
    ends: time = time(17, 30)

    @property
    def email(self) -> str:
        return f"{self.key}@{DOMAIN}"

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"


PEOPLE: Final = (
    Person(
        key="dana",
        title="Enterprise account executive",
        first_name="Dana",
        last_name="Kettering",
        role="rep",
        time_zone="America/New_York",
        manager="grace",
    ),
    Person(
        key="hector",
        title="Account executive",
        first_name="Hector",
        last_name="Villanueva",
        role="rep",
        time_zone="America/Los_Angeles",
        manager="grace",
    ),
    Person(
        key="katja",
        title="Enterprise account executive",
        first_name="Katja",
        last_name="Reinholt",
        role="rep",
        time_zone="Europe/Berlin",
        locale="de-DE",
        manager="lars",
        begins=time(8, 30),
        ends=time(17),
    ),
    Person(
        key="jasper",
        title="Account executive, small business",
        first_name="Jasper",
        last_name="Hollis",
        role="rep",
        time_zone="Europe/London",
        locale="en-GB",
        manager="lars",
    ),
    Person(
        key="mei",
        title="Account executive",
        first_name="Mei",
        last_name="Quah",
        role="rep",
        time_zone="Asia/Singapore",
        manager="lars",
        ends=time(18),
    ),
    Person(
        key="tyrone",
        title="Business development",
        first_name="Tyrone",
        last_name="Beckwith",
        role="bdr",
        time_zone="America/Chicago",
        manager="grace",
    ),
    Person(
        key="sofie",
        title="Business development",
        first_name="Sofie",
        last_name="Dijkstra",
        role="bdr",
        time_zone="Europe/Amsterdam",
        locale="en-GB",
        manager="lars",
    ),
    Person(
        key="grace",
        title="Sales manager, Americas",
        first_name="Grace",
        last_name="Okafor",
        role="manager",
        time_zone="America/New_York",
    ),
    Person(
        key="lars",
        title="Sales manager, International",
        first_name="Lars",
        last_name="Wennerberg",
        role="manager",
        time_zone="Europe/Stockholm",
        locale="en-GB",
    ),
    Person(
        key="indira",
        title="Revenue operations",
        first_name="Indira",
        last_name="Menon",
        role="revops",
        time_zone="Asia/Kolkata",
    ),
    Person(
        key="ruth",
        title="Internal audit",
        first_name="Ruth",
        last_name="Thackeray",
        role="auditor",
        time_zone="Europe/London",
        locale="en-GB",
    ),
    Person(
        key="admin",
        title="Systems administrator",
        first_name="Miles",
        last_name="Fontaine",
        role="administrator",
        time_zone="America/Denver",
    ),
)
BY_KEY: Final = {person.key: person for person in PEOPLE}
