"""The rules of B.6 to B.8 on a site as it is served, judged as ``manage.py inspect`` does."""

from sitecluster.inspection.judging import inspect
from sitecluster.inspection.rules import Evidence
from tests.browser.content import Content
from tests.browser.public_pages import DEPARTMENT_HOST
from tests.browser.server import Server


def test_a_site_keeps_every_verified_rule(server: Server, written: Content) -> None:
    verdicts = inspect(server.public(host=DEPARTMENT_HOST))
    broken = {
        str(verdict.rule.name): [(each.url, str(each.problem)) for each in verdict.failures]
        for verdict in verdicts
        if not verdict.passed and verdict.rule.evidence is Evidence.VERIFIED
    }
    assert broken == {}
    assert sum(len(verdict.findings) for verdict in verdicts) > 100
