"""Words by which a site's content is recognised wherever it turns up."""

import secrets
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Mark:
    """Two words that stand side by side in every text of one site.

    ``needle`` is what a stranger searches for; ``secret`` is what must not come back. A search
    box echoes the needle, never the secret.
    """

    code: str
    needle: str = field(default_factory=lambda: f"ndl{secrets.token_hex(4)}")
    secret: str = field(default_factory=lambda: f"scr{secrets.token_hex(6)}")

    def text(self, what: str = "") -> str:
        """Words for a title or a sentence."""
        return f"{self.secret} {self.needle} {what}".strip()

    def slug(self, what: str = "") -> str:
        """The same for a name in an address or of a file."""
        return f"{self.secret}-{self.needle}-{what}".strip("-")

    def email(self, who: str) -> str:
        """An address of mail."""
        return f"{self.needle}.{self.secret}.{who}@{self.code}.example"

    def found_in(self, text: str) -> bool:
        """Does the site's secret stand in ``text``?"""
        return self.secret in text.lower()
