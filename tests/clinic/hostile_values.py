"""What somebody types, or a machine sends, who wants to know what breaks."""

SCRIPT = "<script>alert(1)</script>"
LONE = "\ud800"
"""A lone surrogate: no UTF-8 has it; it comes in by another charset."""
WORDS = (
    "", " ", "\0", "a\0b", "\u200b", "\r\n\t", "\x1b[31m", "\N{RIGHT-TO-LEFT OVERRIDE}abc", "x" * 5_000,
    SCRIPT, f'">{SCRIPT}', "' onmouseover='alert(1)", '"><img src=x onerror=alert(1)>', "javascript:alert(1)",
    "{{ settings.SECRET_KEY }}", "{% debug %}", "%(n)s %s", "${7*7}",
    "=1+1", '=HYPERLINK("http://x")', "@SUM(A1)", "-2+3", "\N{FULLWIDTH EQUALS SIGN}1",
    "../../../etc/passwd", "a' OR 1=1 --", "\\", "|", "a|b#c", "\N{PILE OF POO}" * 40, "e" + "\u0301" * 300,
)  # fmt: skip
NUMBERS = (
    "-1", "0", "1", "3", "999999999", "2147483648", "9223372036854775807", "9223372036854775808", "1" * 40,
    "-" + "9" * 30, "1e309", "nan", "inf", "0x10", "²", "١٢", "1.5", "1,5", " 7 ", "+1", "1_000",
)  # fmt: skip
DATES = (
    "0001-01-01", "9999-12-31", "10000-01-01", "1969-12-31", "2026-02-30", "2026-13-01", "12/11/2026",
    "2026-11-29T25:00", "9999-12-31T23:59", "0001-01-01T00:00", "25:61", "24:00", "2024-02-29",
)  # fmt: skip
IDS = (
    "martin",
    "autre",
    "autre-2",
    "neuf",
    "box-12",
    "box-99",
    "claire",
    "stranger",
    "version:1",
    "package:x",
    "blank",
)
"""Of people and things that may be another's."""
ALL = (*WORDS, *NUMBERS, *DATES, *IDS)
BIG = "y" * 3 * 1024 * 1024
"""More than Django holds of a form in memory, less than the console takes in at all."""
