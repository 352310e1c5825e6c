"""What a mail program makes of a page, and names that would like to be more than names."""

from html.parser import HTMLParser

HOSTILE = [
    "Ana\r\nBcc: otro@example.com",
    "Ana\nSubject: Premio",
    "Ana\u2028Bcc: x\u0085y\x0b\x0c\x1c",
    "<script>alert(1)</script>",
    '"><img src=https://mal.example/x.png>',
    "</title></p><a href='https://mal.example'>aquí</a>",
    "$link ${link} {link} %s",
    "=?utf-8?q?Ana?= <otro@example.com>, tercero@example.com",
    "\u202egnp.exe\u2066",
    "A" * 5000,
    "\ud800",
    "",
]


class Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def seen(page: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = Seen()
    parser.feed(page)
    return parser.tags
