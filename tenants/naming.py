"""Rules for the codes, schemas, hosts and prefixes of sites."""

MAX_CODE_LENGTH = 40
CODE_PATTERN = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*\Z"
HOST_PATTERN = (
    r"^(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*\Z"
)
PREFIX_PATTERN = r"^((/[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+)?\Z"

CONTROL_CODE = "control"
BLUEPRINT_PREFIX = "bp-"  # of sites that are edited as blueprints
MAX_PREFIX_LENGTH = 100
# Names that would collide with hosts, paths or schemas of the platform itself.
RESERVED_CODES = frozenset(
    "admin api assets cdn mail media postgres public static uploads www".split()
)


def schema_name(code: str) -> str:
    """The schema of the site with this code; the prefix keeps it apart from PostgreSQL's own."""
    return "s_" + code.replace("-", "_")


# A legal name may hold nothing that SQL's COPY, JSON or HTML would read as its own, since it is
# put into the text of the starter pages.
NAME_PATTERN = r"^(?=\w)[\w·・（）()、，。\- ]{2,100}(?<! )\Z"
SHORT_NAME_ENDINGS = ("人民政府", "街道办事处", "办事处")


def short_name(name: str) -> str:
    """The name without the words for a government.

    佳县人民政府 is 佳县, 佳州街道办事处 is 佳州街道.
    """
    for ending in SHORT_NAME_ENDINGS:
        if name.endswith(ending) and len(name) > len(ending):
            short = name.removesuffix(ending)
            return short + "街道" if ending == "街道办事处" else short
    return name


def default_address(kind: str, code: str, parent: tuple[str, str] | None, base: str) -> str:
    """The address of a site for which none is given, as ``host`` or ``host/path``.

    ``parent`` is the host and prefix of the site above. A portal or district stands at
    ``www.<code>.<base>``; a department at ``<code>.<the parent's host without www.>``; a township
    below its parent at ``<the parent's address>/zz/<code>`` (guideline 2017-47, B.1, B.3).
    The control site has none.
    """
    if kind == "control":
        return ""
    if kind in ("portal", "district"):
        return f"www.{code}.{base}"
    if parent is None:
        return f"{code}.{base}"
    host, prefix = parent
    if kind == "township":
        return f"{host}{prefix}/zz/{code}"
    return f"{code}.{host.removeprefix('www.')}"
