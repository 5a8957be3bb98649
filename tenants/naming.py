"""Rules for the codes, schemas, hosts and prefixes of sites."""

MAX_CODE_LENGTH = 40
CODE_PATTERN = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*\Z"
HOST_PATTERN = (
    r"^(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*\Z"
)
PREFIX_PATTERN = r"^((/[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+)?\Z"
SITE_ID_CODE_PATTERN = r"^(\d{10}|bm\d{8}|N\d{9})\Z"

# Names that would collide with hosts, paths or schemas of the platform itself.
RESERVED_CODES = frozenset(
    "admin api assets cdn control mail media postgres public static uploads www".split()
)


def schema_name(code: str) -> str:
    """The schema of the site with this code; the prefix keeps it apart from PostgreSQL's own."""
    return "s_" + code.replace("-", "_")
