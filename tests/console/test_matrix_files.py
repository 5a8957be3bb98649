"""Files that a delegate uploads: their preview names nothing of another branch."""

import io

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.isolation.asking import ask

from .branches import Branch
from .test_matrix import (  # noqa: F401 -- fixtures
    _answers_come_back,
    _tasks_wait,
    foreign,
    foreign_sums,
    own,
    shows,
)
from .test_site_page import at


def upload(text: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("roster.csv", io.StringIO(text).getvalue().encode("utf-8-sig"))


def test_a_roster_of_sites(own: Branch, foreign: Branch, delegate: Client) -> None:  # noqa: F811
    code, address = foreign.site.code, f"www.{foreign.top.code}.example"
    before = foreign_sums(foreign)
    rows = (
        ("neu-eins", "本区新站一", "department", code, ""),  # below a foreign site
        (code, "本区新站二", "department", own.top.code, ""),  # a foreign code
        ("neu-drei", "本区新站三", "department", own.top.code, address),
        ("neu-vier", "本区新站四", "department", own.top.code, f"{address}/a/"),
        (code, foreign.site.name, "department", foreign.top.code, ""),  # as it stands
    )
    text = "code,name,kind,parent,domain\n" + "\n".join(map(",".join, rows))
    said = [code, address, foreign.top.code, foreign.site.name]
    answer = ask(delegate, at("rosters"), "post", data={"file": upload(text)}, follow=True)
    assert answer.status == 200
    assert "本区新站三" in answer.text
    assert shows(answer, *said) == []
    assert foreign_sums(foreign) == before


def test_a_roster_of_people(own: Branch, foreign: Branch, delegate: Client) -> None:  # noqa: F811
    """Addresses elsewhere are judged like those that nobody has."""
    before = foreign_sums(foreign)
    lines = []
    for email in (foreign.person.email, "nobody@nowhere.example"):
        text = f"邮箱,姓名,站点,角色\n{email},某人,{own.site.code},编辑\n"
        text += f"{email},某人,{foreign.site.code},编辑\n"
        answer = ask(
            delegate, at("people_import"), "post", data={"file": upload(text)}, follow=True
        )
        assert answer.status == 200
        assert shows(answer, email, foreign.site.code) == []
        lines.append(answer.fingerprint.replace(email, "E"))
    assert lines[0] == lines[1]
    assert foreign_sums(foreign) == before
