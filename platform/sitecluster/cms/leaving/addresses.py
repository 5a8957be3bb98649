"""Which links lead away from the governments' sites, and the addresses that ask before they do.

Guideline 2017-47, B.8: a link to a site that is no government's is followed only after a prompt.
Free are the sites of the cluster, ``gov.cn``, ``政务``, and what the site's white list names.
"""

import base64
import re
from collections.abc import Callable, Iterable
from ipaddress import ip_address
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

from sitecluster.tenancy import all_sites, required_tenant, until_touched

GOVERNMENTS = ("gov.cn", "xn--zfr164b", "conac.cn")  # 政务; who issues the mark in the footer
INSIDE = ("local", "lan", "internal", "intranet", "corp", "home.arpa")
SCHEMES = ("http", "https", "ftp")
SIGNATURE_BYTES = 16
IGNORED = re.compile(r"[\t\r\n]")  # by browsers, wherever in an address
EDGES = "".join(map(chr, range(33)))  # likewise at both ends
ABSOLUTE = re.compile(rf"(?:({'|'.join(SCHEMES)}):[/\\]*|[/\\]{{2,}})", re.IGNORECASE)
KEPT = "/:@!$'()*,;~"  # readable in the query of our own address


def absolute(href: str) -> str | None:
    """The address that a browser makes of ``href``, if it names a host; None for what stays within
    the site and for other schemes, such as mail and telephone."""
    text = IGNORED.sub("", href.strip(EDGES))
    found = ABSOLUTE.match(text)
    if found is None:
        return None
    scheme = (found[1] or settings.PUBLIC_SCHEME).lower()
    return f"{scheme}://{text[found.end() :]}"


def host_of(address: str) -> str:
    """The host of an absolute address as the network knows it, or "" where there is none."""
    try:
        return ascii_host(urlsplit(address.replace("\\", "/")).hostname or "")
    except ValueError:
        return ""


def ascii_host(host: str) -> str:
    """A host in small letters, with names in Chinese as they are asked for."""
    host = host.strip().strip(".").lower().replace("。", ".")
    try:
        return host if host.isascii() else host.encode("idna").decode()
    except UnicodeError:
        return host


def is_known(host: str, white_list: Callable[[], str]) -> bool:
    """Is ``host`` one to which links lead without a prompt?

    ``white_list`` gives the site's own, a host a line, and is asked last.
    """
    if _below(host, GOVERNMENTS) or host in own_hosts():
        return True
    if _below(host, (settings.ADMIN_DOMAIN, settings.UPLOADS_DOMAIN)):
        return True
    return _below(host, listed(white_list()))


@until_touched
def own_hosts() -> frozenset[str]:
    """The hosts of all sites of the cluster; kept until a site changes."""
    return frozenset(ascii_host(address.host) for site in all_sites() for address in site.addresses)


def listed(text: str) -> list[str]:
    """The hosts of a white list: a host a line, ``*.`` before it or a whole address will do."""
    lines = (line.strip().removeprefix("*.") for line in text.splitlines())
    return [host for line in lines if line and (host := host_of(absolute(line) or f"//{line}"))]


def is_inside(host: str) -> bool:
    """Can ``host`` be reached from an internal network alone?"""
    try:
        return not ip_address(host).is_global
    except ValueError:
        return "." not in host or _below(host, INSIDE)


def query_of(address: str) -> str:
    """What the prompt's own address says of where it leads: readable, and signed for this site."""
    return f"?u={quote(address, safe=KEPT)}&s={signature(address)}"


def signature(address: str) -> str:
    """What shows that a page of the active site has a link to ``address``; for ever the same."""
    signed = salted_hmac(
        "sitecluster.leaving", f"{required_tenant().id} {address}", algorithm="sha256"
    )
    return base64.urlsafe_b64encode(signed.digest()[:SIGNATURE_BYTES]).decode().rstrip("=")


def is_signed(address: str, given: str) -> bool:
    """Is ``given`` the signature of ``address``?"""
    return constant_time_compare(signature(address), given)


def _below(host: str, tops: Iterable[str]) -> bool:
    return any(host == top or host.endswith(f".{top}") for top in tops)
