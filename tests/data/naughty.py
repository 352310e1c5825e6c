"""Strings that break programs, by what they try: the corpus of INP-01. `NAUGHTY` has every one of them once."""

import random
import unicodedata

_WORDS = (
    "undefined null NULL None nil true false True yes no NaN Infinity -Infinity hasOwnProperty __proto__ constructor then self this"
)
_DEVICES = "CON PRN AUX NUL COM1 LPT1 CLOCK$ CONIN$"
_NUMBERS = (
    "0 1 -1 +1 -0 0.0 00 01 1.00 $1.00 1/2 1/0 1E2 1e400 -1E-400 1e1000000 0x0 0xff 0b1 0o7 077 1_000 1,000.00 1.000,00 1,5 .5 5. "
    "1..2 --1 ++1 1-1 ½ ¼ ٣ ７ Ⅷ ² ₂ 一 2147483648 -2147483649 9223372036854775808 18446744073709551616 "
    "0.1+0.2 1e3 1.7976931348623157e309 0.00000000000000000001 NaN1 1.#INF 1.#QNAN 12h 1% #REF! #DIV/0! INF"
)
_CONTROLS = [chr(code) for code in (*range(0x20), *range(0x7F, 0xA0))]
_INVISIBLE = [chr(c) for c in (0xAD, *range(0x200B, 0x2010), *range(0x2028, 0x202F), *range(0x2060, 0x2070), 0xFEFF, 0x180E, 0x61C)]
_BLANKS = [chr(code) for code in (0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000, 0x2800, 0x3164, 0xFFA0)]
_NO_CHARACTERS = [
    "\ufffe",
    "\uffff",
    "\ufdd0",
    "\ufdef",
    "\U0001fffe",
    "\U0010ffff",
    "\ufffd",
    "\ufffc",
    "\ufff9",
    "\ue000",
    "\U000e0001",
]
_SQL = [
    "' OR 1=1 --", "1;DROP TABLE users", "1'; DROP TABLE users-- 1", "' OR 'a'='a", "admin'--", '" OR ""="', "') OR ('1'='1",
    "%", "_", "%%", "\\", "\\'", "'; SELECT pg_sleep(9)--", "1 UNION SELECT NULL--", "$$", "$1", ":name", "%s", "%(x)s", "?",
    "/*", "*/", "\\x00", "E'\\000'",
]  # fmt: skip
_HTML = [
    f"{before}{payload}{after}"
    for before in ("", '">', "'>", "</title>", "<!--")
    for after in ("", "-->")
    for payload in (
        "<script>alert(1)</script>", "<ScRiPt>alert(1)</sCrIpT>", "<img src=x onerror=alert(1)>", "<svg/onload=alert(1)>",
        "<iframe src=javascript:alert(1)>", "<a href='data:text/html,1'>x</a>", "<style>*{x:expression(1)}</style>", "<b",
        "<plaintext>", "&lt;script&gt;", "&#60;b&#62;", "javascript:alert(1)",
    )
]  # fmt: skip
_XML = [
    "]]>", "<![CDATA[", "<![CDATA[x]]>", "<!--", "-->", "--", "<?xml version='1.0'?>", "<?php ?>", "?>", "&", "&amp;",
    "&amp;amp;", "&x;", "&#0;", "&#13;", "&#xD;", "&#xFFFE;", "<", ">", "<a/>", "</ECF>",
    "</RazonSocialComprador><MontoTotal>0.00</MontoTotal>", "<!DOCTYPE x [<!ENTITY a 'b'>]>", "xmlns:a='b'", '"', "'", "\"'",
    "<ds:Signature>", "%x;", "<xi:include href='/etc/hostname'/>",
]  # fmt: skip
_SHELL = [
    "$(id)", "`id`", "; id", "| id", "&& id", "$HOME", "${HOME}", "~", "-rf", "--help", "--", "> x", "< x", "{{7*7}}",
    "{% x %}", "${7*7}", "#{7*7}", "<%= 7*7 %>", "${jndi:ldap://127.0.0.1/a}", "%d%n%s%x", "%n%n%n", "{0}", "{}", "{name}",
    "{0.__class__}", "\\n", "\\r\\n", "\\u0000", "\\ud800", "%00", "%0d%0a", "=1+1", "+1+1", "-1+1", "@SUM(1)",
    '=HYPERLINK("x")', "=cmd|' /C calc'!A0", "() { :;}; id", "Set-Cookie: a=b", "a\r\nB: c", "x\nlevel=error",
]  # fmt: skip
_FILES = [
    "..", "../..", "../../../etc/passwd", "..\\..\\x", "/etc/passwd", "/dev/null", "C:\\", "file:///etc/passwd", "a/b",
    "a\\b", "a:b", ".htaccess", "x.xml", "131880738E310000000001.xml", "x" * 255, "x" * 256, "http://127.0.0.1/", "//x",
    "\\\\x\\y", "x.p12",
]  # fmt: skip
_RIGHT_TO_LEFT = [
    "مرحبا",
    "שלום",
    "\u202eabc",
    "abc\u202d",
    "\u2066a\u2069",
    "\u200fa",
    "الكل في المجمو عة (5)",
    "a\u202elmx.exe",
    "ﷺ",
    "ܫ",
]
_EMOJI = ["😀", "👩‍👩‍👧", "🇩🇴", "👍🏿", "🏳️‍🌈", "❤️", "🧑‍🚀", "0️⃣", "☕", "𝕳𝖔𝖑𝖆", "𠜎𠜱", "🤖" * 30, "(╯°□°）╯︵ ┻━┻", "¯\\_(ツ)_/¯"]
_CONFUSABLE = [
    "Сafé", "раypal", "ΑΒΓ", "Ⓐ", "ＡＢＣ", "ﬁ", "ß", "ẞ", "İ", "ı", "ſ", "Å", "Å", "A\u030a", "Ω", "Ω", "ñ", "n\u0303",
    "Ñandú", "e\u0301", "\u1e9b\u0323", "㎏", "№", "…", "‹›", "“”", "‘’", "—", "−", "÷", "×", "€", "Ã±", "CafÃ©", "Â", "â€œ",
    "가", "\u1100\u1161", "\u0344", "\u2126", "\u0958", "１３１８８０６８１",
]  # fmt: skip
_BOMBS = [
    base + mark * count
    for base in ("e", "Z", "")
    for mark in ("\u0301", "\u0316", "\u0301\u0316", "\u0489", "\u0e47", "\u20dd")
    for count in (2, 50, 10_000)
]
_LONG = ["x" * n for n in (20, 21, 80, 81, 150, 151, 1000, 65_536)] + [
    "ñ" * 1000,
    "<" * 1000,
    "&" * 151,
    " " * 1000,
    "9" * 1000,
    "a " * 500,
]
_ENDS = ["\n", "\r", "\r\n", "\n\n", "a\r\nb", "a\rb", "a\nb", " a", "a ", " a ", "\ta", "a\t", "a\x0bb", "a\x85b", "", " ", "  "]
_HALVES = ["\ud800", "\udbff", "\udc00", "\udfff", "\ude00\ud83d", "a\ud800b", "\ud800\ud800", "\udcff"]
_QUOTES = [
    *"!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~¡¿¨´¸ªº«»¦¬¢¥",
    "''",
    '""',
    "'\"'",
    ",./;'[]\\-=",
    '<>?:"{}|_+',
    "!@#$%^&*()`~",
    "Ω≈ç√∫˜µ≤≥÷",
]

CLASSES: dict[str, list[str]] = {
    "words": [*_WORDS.split(), *_DEVICES.split()],
    "numbers": _NUMBERS.split(" "),
    "punctuation": _QUOTES,
    "controls": [f"a{char}b" for char in _CONTROLS],
    "invisible": [text for char in _INVISIBLE for text in (f"a{char}b", char)],
    "blanks": [text for char in _BLANKS for text in (f"a{char}b", char)],
    "no characters": [f"a{char}b" for char in _NO_CHARACTERS],
    "sql": _SQL,
    "html": _HTML,
    "xml": _XML,
    "shell": _SHELL,
    "files": _FILES,
    "right to left": _RIGHT_TO_LEFT,
    "emoji": _EMOJI,
    "confusable": _CONFUSABLE,
    "bombs": _BOMBS,
    "long": _LONG,
    "ends": _ENDS,
    "half surrogates": _HALVES,
}
NAUGHTY = list(dict.fromkeys(text for texts in CLASSES.values() for text in texts))


def rotation(seed: int) -> list[str]:
    """All of them in an order of the seed's."""
    return random.Random(seed).sample(NAUGHTY, len(NAUGHTY))


def is_xml(text: str) -> bool:
    """Whether every character is one that XML 1.0 can hold, line ends aside."""
    return all(char in "\t\n\r" or " " <= char <= "\ud7ff" or "\ue000" <= char <= "\ufffd" or char >= "\U00010000" for char in text)


def composed(text: str) -> str:
    """What is kept of a text that is taken: NFC with LF line ends."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
