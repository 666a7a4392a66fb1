"""Quantities in English text: a number, how it is qualified, and its unit; and when two agree."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache

from iabench.grading.normalize import Word, answer_words, clean

__all__ = [
    "Quantity",
    "agree",
    "is_unit",
    "other_bound",
    "other_currency",
    "other_unit",
    "plain_numbers",
    "quantities",
]

# unit: (dimension, size in the dimension's own unit); forms as they are compared, spaces out.
_UNITS_TABLE = {
    "length": "mm millimeter millimetre=0.001|cm centimeter centimetre=0.01|m meter metre=1|"
    "km kilometer kilometre=1000|inch in inche=0.0254|ft foot feet=0.3048|yd yard=0.9144|"
    "mi mile=1609.344|nm nanometer=1e-9|micrometer micron μm um=1e-6",
    "mass": "mg milligram=1e-6|g gram gramme=0.001|kg kilogram kilo=1|tonne ton=1000|"
    "lb pound lbs=0.45359237|oz ounce=0.0283495|stone=6.35029",
    "time": "ms millisecond=0.001|s sec second=1|min minute=60|h hr hour=3600|day=86400|"
    "week=604800|month=2629800|year yr=31557600|decade=315576000|century centurie=3155760000",
    "volume": "ml milliliter millilitre=0.001|l liter litre=1|gallon gal=3.785412|pint=0.473176|"
    "quart=0.946353|cup=0.236588",
    "speed": "m/s=1|km/h kph kmh=0.2777778|km/s=1000|mi/s=1609.344|mph=0.44704|knot=0.514444|"
    "ft/s=0.3048",
    "area": "m² m2=1|km² km2=1e6|mi²=2589988|ft²=0.09290304|acre=4046.856|hectare ha=10000",
    "fraction": "percent percentage=0.01",
    "money": "dollar usd $=1",
    "pounds": "£ gbp=1",
    "euros": "€ euro eur=1",
    "rupees": "₹ rupee=1",
}
_WHOLE = r"(?:day|week|month|year|decade|century|hour|minute|mile|met(?:er|re)|kilo\w+)\b"
_PHRASES = (
    (re.compile(r"(?i)\b(?:meters?|metres?|m) (?:per|a|/) ?(?:second|sec|s)\b"), "m/s"),
    (re.compile(r"(?i)\b(?:kilometers?|kilometres?|km) (?:per|an|/) ?(?:hour|h)\b"), "km/h"),
    (re.compile(r"(?i)\bmiles (?:per|an) hour\b"), "mph"),
    (re.compile(r"(?i)\b(?:feet|foot|ft) per second\b"), "ft/s"),
    (re.compile(r"(?i)\b(?:square|sq\.?) (?:meters?|metres?|m)\b"), "m²"),
    (re.compile(r"(?i)\b(?:square|sq\.?) (?:kilometers?|kilometres?|km)\b"), "km²"),
    (re.compile(r"(?i)\bper ?cent\b"), "percent"),
    (re.compile(r"(?i)\b(?:us|american) dollars?\b"), "dollars"),
    (re.compile(r"(?i)(?:°|º|\bdegrees?)\s*(?:C\b|celsius\b|centigrade\b)"), "celsius"),
    (re.compile(r"(?i)(?:°|º|\bdegrees?)\s*(?:F\b|fahrenheit\b)"), "fahrenheit"),
    (re.compile(r"[°º]"), " degree"),
    (re.compile(r"(?i)\bminus (?=\d)"), "-"),
    (re.compile(r"(?i)(?<![\w-])half a (?=(?:m|b|tr)illion|thousand|hundred|dozen)"), "0.5 "),
    (re.compile(r"(?i)\b(?:a|one) dozen\b"), "12"),
    (re.compile(r"(?i)\btwo dozen\b"), "24"),
    (re.compile(r"(?i)\bdozen\b"), "12"),
    (re.compile(r"(?i)\b(?:a|one)[ -](?=hundred|thousand|million|billion|trillion)"), "1 "),
    (re.compile(r"(?i)\b(?:a|one)?[ -]?half\b(?! of)"), " 0.5"),
    (re.compile(r"(?i)\b(?:a|one)[ -]third\b"), "0.333333"),
    (re.compile(r"(?i)\btwo[ -]thirds\b"), "0.666667"),
    (re.compile(r"(?i)\b(?:a|one)[ -](?:quarter|fourth)\b"), "0.25"),
    (re.compile(r"(?i)\bthree[ -](?:quarters|fourths)\b"), "0.75"),
    (re.compile(r"(?i)\b(?:a|one)[ -]fifth\b"), "0.2"),
    (re.compile(r"(?i)\b(?:a|one)[ -]tenth\b"), "0.1"),
    (re.compile(r"(?i)\b(?:kilometers?|kilometres?|km) per (?:second|sec|s)\b"), "km/s"),
    (re.compile(r"(?i)\bmiles per second\b"), "mi/s"),
    (re.compile(r"(?i)\b(?:square|sq\.?) (?:miles?|mi)\b"), "mi²"),
    (re.compile(r"(?i)\b(?:square|sq\.?) (?:feet|foot|ft)\b"), "ft²"),
    (re.compile(r"(?<=\d) ?k\b(?!')"), " thousand"),
    (re.compile(r"(?<=\d) ?bn\b"), " billion"),
    (re.compile(r"([$£€] ?\d+(?:\.\d+)?) ?m\b"), r"\1 million"),
    (re.compile(r"(?i)^\W*(?:none|nil)\b"), "0"),
    (re.compile(r"(?i)\b(?:a )?couple\b"), "2"),
    (re.compile(rf"(?i)^(?:an?|one) (?={_WHOLE})"), "1 "),
    (re.compile(r"(?i)\bonce\b"), "1 time"),
    (re.compile(r"(?i)\btwice\b"), "2 times"),
    (re.compile(r"(?<=\d)(?=(?:km|m|cm|mm|kg|g|lbs?|ft|mi|mph|min|hrs?|ml)\b)"), " "),
)
_FEET = re.compile(r"\b(\d) ?(?:ft|feet|foot|') ?(\d{1,2})(?: ?(?:in|inch|inches)\b|\"|'')?(?!\w)")
_PART = re.compile(r"(?<![\d/.])(\d{1,2}) ?(?:/|out of) ?(\d{1,2})(?![\d/.])")
_ABOUT_WORDS = (
    "about approximately approx around roughly nearly almost circa c some over ~ ≈ estimated"
)
_ABOUT = frozenset(_ABOUT_WORDS.split())
_UNIT_TOKEN = re.compile(
    r"\s*(km/h|km/s|mi/s|m/s|ft/s|km²|mi²|ft²|m²|km2|m2|celsius|fahrenheit|%|μm|µm|°?[A-Za-z]+|€|£)"
)
_MONEY = re.compile(r"([$£€₹])\s*$")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_COUNTED_WORDS = "season episode game chapter page volume goal point match round book"
_COUNTED = frozenset(_COUNTED_WORDS.split())
_FRACTION = 0.05
"""How far "about a fifth" may be off, as a part of what was wanted."""
_ROUND = 1000
"""From here on one digit may be a rounding: 300,000 km/s."""
_ABOUT_PERCENT = 0.03
"""How far "about 70 %" may be off, as a part of what was wanted."""
_CONVERSION = 0.006
"""How far a converted number may be off: rounding on both sides."""
_DEGREE_LETTERS = {"C": "celsius", "F": "fahrenheit", "K": "kelvin"}
_DEGREES = {"celsiu": 1, "fahrenheit": 1, "degree": 1, "c": 1, "f": 1}
_SCALES = {"trillion": 10**12, "quadrillion": 10**15, "crore": 10**7, "lakh": 10**5}


def _units() -> dict[str, tuple[str, float]]:
    units: dict[str, tuple[str, float]] = {}
    for dimension, entries in _UNITS_TABLE.items():
        for entry in entries.split("|"):
            names, size = entry.split("=")
            units |= dict.fromkeys(names.split(), (dimension, float(size)))
    return units


_UNITS = _units()


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number of a text.

    Attributes:
        value: as it stands, in `unit`.
        digits: its significant digits.
        about: it says itself that it is not exact.
        unit: a unit of measure as it is compared, the noun that is counted, or "".
    """

    value: float
    digits: int
    about: bool
    unit: str
    start: int
    end: int

    @property
    def dimension(self) -> str:
        """Return what is measured: "length", "mass"...; "temperature"; "" for a count."""
        if self.unit in {"celsius", "fahrenheit", "kelvin"}:
            return "temperature"
        return _UNITS[self.unit][0] if self.unit in _UNITS else ""

    @property
    def measure(self) -> float:
        """Return the value in the own unit of its dimension."""
        if self.unit == "fahrenheit":
            return (self.value - 32) / 1.8
        if self.unit == "kelvin":
            return self.value - 273.15
        return self.value * _UNITS[self.unit][1] if self.unit in _UNITS else self.value


def plain_numbers(text: str) -> str:
    """Return the text with units and fractions in one form."""
    text = clean(text)
    for pattern, plain in _PHRASES:
        text = pattern.sub(plain, text)
    text = _FEET.sub(lambda m: f"{12 * int(m[1]) + int(m[2])} inches", text)
    text = _PART.sub(_decimal, text)
    return text.replace("−", "-").replace("~", " ~ ").replace("≈", " ~ ")


def _decimal(part: re.Match[str]) -> str:
    """Return "3/4" and "3 out of 4" as 0.75; a date or a score stays."""
    above, below = int(part[1]), int(part[2])
    return f"{above / below:g}" if 0 < above < below else part.group()


@lru_cache(maxsize=8192)
def quantities(text: str) -> tuple[Quantity, ...]:
    """Return the numbers of a short text, in order; places are those of `plain_numbers`."""
    text = plain_numbers(text)
    words = answer_words(text)
    found = []
    for at, word in enumerate(words):
        if not _NUMBER.fullmatch(word.key):
            continue
        found.append(_quantity(text, words, at, word))
    return tuple(_added(found, text))


def _added(found: list[Quantity], text: str) -> list[Quantity]:
    """Return the quantities with "2 hours and 30 minutes" as one, in the smaller unit."""
    out: list[Quantity] = []
    for one in found:
        last = out.pop() if out else None
        if last is not None and _continues(last, one, text):
            value = (last.measure + one.measure) / _UNITS[one.unit][1]
            digits = len(f"{value:g}".strip("0"))
            out.append(Quantity(value, digits, last.about, one.unit, last.start, one.end))
        else:
            out += [one] if last is None else [last, one]
    return out


def _continues(last: Quantity, one: Quantity, text: str) -> bool:
    """Return whether a time goes on in a smaller unit."""
    if not last.dimension == one.dimension == "time" or last.measure <= one.measure:
        return False
    return re.fullmatch(r"\s*\w+,?\s*(?:and\s*)?", text[last.end : one.start]) is not None


def _quantity(text: str, words: list[Word], at: int, word: Word) -> Quantity:
    value, end = float(word.key), word.end
    behind = _UNIT_TOKEN.match(text, end)
    if behind and (scale := _SCALES.get(behind[1].lower())):
        value, end = value * scale, behind.end()
        behind = _UNIT_TOKEN.match(text, end)
    unit = ""
    money = _MONEY.search(text, max(word.start - 3, 0), word.start)
    if money:
        unit = money[1]
    elif behind:
        unit = _unit(behind[1], measured=word.key)
    before = words[at - 1].key if at else ""
    about = before in _ABOUT or "~" in text[max(word.start - 3, 0) : word.start]
    digits = len(f"{word.key}".replace(".", "").lstrip("-0").rstrip("0")) or 1
    if "." in text[word.start : word.end]:
        raw = re.sub(r"[^\d]", "", text[word.start : word.end]).lstrip("0")
        digits = max(len(raw), 1)
    return Quantity(value, digits, about, unit, word.start, end)


def _unit(raw: str, measured: str) -> str:
    if raw == "%":
        return "percent"
    lower = raw.lower()
    if raw in _DEGREE_LETTERS:
        return _DEGREE_LETTERS[raw]
    if lower in _UNITS and not (lower == "in" and measured):
        return lower
    if lower in {"celsius", "fahrenheit", "kelvin"}:
        return lower
    single = lower.removesuffix("s") if len(lower) > 3 else lower
    return (
        single if single not in {"in", "a", "an", "the", "of", "and", "or", "to", "wa", "i"} else ""
    )


def agree(said: Quantity, wanted: Quantity, *, asked_unit: str = "") -> bool:
    """Return whether a number that was said is the one that was wanted.

    Equal after conversion of units, or a rounding of it to two significant digits at least (5 % if
    it says "about" and is written as a fraction). A year or a small count is never rounded.
    """
    one, other = said.dimension, wanted.dimension
    if {said.unit, wanted.unit} <= _COUNTED and said.unit != wanted.unit:
        return False
    if one and other and one != other:
        return False
    if asked_unit and one and not other:
        wanted_unit = _UNITS.get(asked_unit)
        if wanted_unit and wanted_unit[0] == one and said.unit in _UNITS:
            return _close(said.measure, wanted.value * wanted_unit[1], said, wanted)
    if one and other:
        return _close(said.measure, wanted.measure, said, wanted)
    if "fraction" in (one, other) and min(said.value, wanted.value) < 1:
        return _close(said.measure, wanted.measure, said, wanted)
    return _close(said.value, wanted.value, said, wanted)


def _close(said: float, wanted: float, number: Quantity, other: Quantity) -> bool:
    if math.isclose(said, wanted, rel_tol=1e-6, abs_tol=1e-12):
        return True
    if said * wanted <= 0 or _is_year(number) or _is_year(other):
        return False
    gap = abs(said - wanted) / abs(wanted)
    if number.about and 0 < number.value < 1 and gap <= _FRACTION:
        return True
    if number.about and number.dimension == "fraction" and gap <= _ABOUT_PERCENT:
        return True
    converted = number.dimension != "" and number.unit != other.unit != ""
    if abs(number.value) >= _ROUND and gap <= _CONVERSION / 2 and number.digits < other.digits:
        return True
    if converted and gap <= _CONVERSION:
        return True
    if number.digits < 2 or not (converted or number.about or number.digits < other.digits):
        return False
    if abs(number.value) < 100 and float(other.value).is_integer() and not converted:
        return False
    # Of three digits and more the last may be cut off as well as rounded.
    units = 2 if number.digits > 2 else 1
    if other.about and other.digits < number.digits:
        return gap <= max(_half_unit(other), _half_unit(number))
    return gap <= units * _half_unit(number)


def _is_year(number: Quantity) -> bool:
    return not number.unit and 1000 <= number.value <= 2100 and number.value.is_integer()


def _half_unit(number: Quantity) -> float:
    """Return half a unit of the last significant digit, as a part of the value."""
    magnitude = math.floor(math.log10(abs(number.value)))
    return 0.5 * math.pow(10.0, magnitude - number.digits + 1) / abs(number.value)


_AT_LEAST = re.compile(
    r"(?i)\b(?:more than|over|above|at least|exceed(?:s|ing)|upwards of|no (?:less|fewer) than)\b"
    r"|(?<=\d)\+|\bor (?:more|over|older|above)\b"
)
_AT_MOST = re.compile(
    r"(?i)\b(?:(?<!no )(?:less|fewer) than|under|below|at most|up to|no more than)\b"
    r"|\bor (?:less|fewer|under|younger|below)\b"
)


def other_bound(said: str, meant: str) -> bool:
    """Return whether one text gives a least number and the other a greatest one."""
    said = re.sub(r"(?i)\bno more than\b", "at most", said)
    meant = re.sub(r"(?i)\bno more than\b", "at most", meant)
    one = (bool(_AT_LEAST.search(said)), bool(_AT_MOST.search(said)))
    other = (bool(_AT_LEAST.search(meant)), bool(_AT_MOST.search(meant)))
    return one in {(True, False), (False, True)} and other == (one[1], one[0])


def other_currency(said: str, meant: str) -> bool:
    """Return whether two texts give one number in two sorts of money or measure."""
    one, other = quantities(said), quantities(meant)
    if len(one) != 1 or len(other) != 1 or one[0].value != other[0].value:
        return False
    mine, theirs = one[0].dimension, other[0].dimension
    pounds = {mine, theirs} == {"mass", "pounds"} and "pound" in {one[0].unit, other[0].unit}
    return bool(mine and theirs) and mine != theirs and not pounds


def is_unit(word: str) -> bool:
    """Return whether a word is a unit of measure, a scale or a mark of one."""
    single = word.removesuffix("s")
    return word in _UNITS or single in _UNITS or word in _ABOUT or single in _SCALES | _DEGREES


def other_unit(answer: str, end: int, reference: str, question: str) -> str | None:
    """Return "another unit" where the number that ends at `end` has another unit than was asked.

    Only where the reference is a bare number: "5,280 yards" for "5,280", asked for feet.
    """
    if not reference[-1:].isdigit():
        return None
    behind = re.match(r" ([A-Za-z]+)", answer[end : end + 20])
    unit = _unit(behind[1], measured="1") if behind else ""
    asked = re.search(r"\bhow many ([a-z]+)", question)
    wanted = _unit(asked[1], measured="1") if asked else ""
    if unit not in _UNITS or wanted not in _UNITS or _UNITS[unit][0] != _UNITS[wanted][0]:
        return None
    return "another unit" if _UNITS[unit] != _UNITS[wanted] else None
