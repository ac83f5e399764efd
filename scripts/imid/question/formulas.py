"""A design's formula, read by a grammar of our own.

::

    design  =  "~" ["+" | "-"] summand {("+" | "-") summand}
    summand =  "0" | "1" | product
    product =  crossed {("*" | "/") crossed}
    crossed =  part {":" part}
    part    =  column | "C" "(" column ")" | "(" product {("+" | "-") product} ")"

The operators are those of R and of formulaic. Formulaic, which writes the model matrix, runs
whatever else a formula holds as Python: so it is given no text but `Formula.text`, which is
composed here of what was understood.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from itertools import product
from typing import NamedTuple, NoReturn

# Far more than samples could answer; without limits a line of text expands for ever.
LONGEST = 1000
MOST_TERMS = 100
DEEPEST = 20

WORD = r"[A-Za-z_][A-Za-z0-9_]*"
TOKEN = re.compile(rf"(?P<column>{WORD})|(?P<other>[0-9]+|\S)")
# What a formula is made of, for those who wrote something else.
PARTS = "a formula is made of columns, C(column), + - * : / ( ) 0 and 1"

# Columns that are multiplied with each other, each as it is written: treatment or C(treatment).
Term = tuple[str, ...]
# Terms by the columns in them, whatever their order: a:b is b:a.
Terms = dict[frozenset[str], Term]

INTERCEPT: Term = ()
SUM = ("+", "-")


class FormulaError(ValueError):
    """A text is no formula; says at which character, and what would be right."""


@dataclass(frozen=True)
class Formula:
    """A design as it is understood.

    Attributes
    ----------
    written : str
        As the user wrote it.
    terms : tuple of tuple of str
        What is added up, without the intercept: of each term its factors, such as ``treatment``
        or ``C(batch)``.
    intercept : bool
        Whether there is one.
    """

    written: str
    terms: tuple[Term, ...]
    intercept: bool

    @property
    def text(self) -> str:
        """What is understood, in full and in our own words, such as ``~ 1 + batch + treatment``."""
        return " + ".join([f"~ {int(self.intercept)}", *map(":".join, self.terms)])

    @property
    def columns(self) -> list[str]:
        """The columns of the sheet that it speaks of."""
        return _columns(factor for term in self.terms for factor in term)

    @property
    def called(self) -> list[str]:
        """The columns that it calls levels, by C()."""
        return _columns(factor for term in self.terms for factor in term if factor[-1] == ")")

    @property
    def interactions(self) -> list[tuple[str, ...]]:
        """The columns that it lets change each other's effects, as ``a:b`` does."""
        crossed = (tuple(_columns(term)) for term in self.terms)
        return [columns for columns in crossed if len(columns) > 1]

    @property
    def is_sum(self) -> bool:
        """Whether it is a plain sum of columns, such as ``~ batch + treatment``."""
        return self.intercept and not self.called and all(len(term) == 1 for term in self.terms)


def _columns(factors: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(factor.removeprefix("C(").removesuffix(")") for factor in factors))


def read_formula(text: str) -> Formula:
    """Read a formula.

    Parameters
    ----------
    text : str
        Such as ``~ batch + treatment``.

    Returns
    -------
    Formula
        What it says.

    Raises
    ------
    FormulaError
        If it is not of the grammar, or holds more than any experiment could answer.
    """
    if len(text) > LONGEST:
        raise FormulaError(f"it has {len(text)} characters; at most {LONGEST} are read")
    terms = _Parser(text).design()
    intercept = terms.pop(frozenset(INTERCEPT), None) is not None
    return Formula(text, tuple(terms.values()), intercept)


class _Token(NamedTuple):
    kind: str
    text: str
    position: int


class _Parser:
    """Reads a formula from left to right, with a method for each rule of the grammar."""

    def __init__(self, text: str) -> None:
        found = [_Token(str(m.lastgroup), m[0], m.start() + 1) for m in TOKEN.finditer(text)]
        self.tokens = iter([*found, _Token("end", "", len(text) + 1)])
        self.next = next(self.tokens)
        self.depth = 0

    def design(self) -> Terms:
        self.expect("~")
        sign = self.take() if self.next.text in SUM else "+"
        terms = self.sum(_as_terms([INTERCEPT]), sign, outermost=True)
        if self.next.kind != "end":
            self.fail("+, -, *, : or /")
        return terms

    def sum(self, terms: Terms, sign: str | None, outermost: bool) -> Terms:
        while sign:
            number = self.take() if outermost and self.next.text in ("0", "1") else None
            part = _as_terms([INTERCEPT]) if number else self.product()
            # To add 0 is to take the intercept off, as it is in R.
            if (sign == "+") == (number != "0"):
                terms = self.limited(_joined(terms, part))
            else:
                terms = {key: term for key, term in terms.items() if key not in part}
            sign = self.take() if self.next.text in SUM else None
        return terms

    def product(self) -> Terms:
        terms = self.crossed()
        while self.next.text in ("*", "/"):
            if self.take() == "*":
                other = self.crossed()
                terms = self.limited(_joined(terms, other, _crossed(terms, other)))
            else:
                within = _as_terms([reduce(_times, terms.values(), INTERCEPT)])
                terms = self.limited(_joined(terms, _crossed(within, self.crossed())))
        return terms

    def crossed(self) -> Terms:
        terms = self.part()
        while self.next.text == ":":
            self.take()
            terms = self.limited(_crossed(terms, self.part()))
        return terms

    def part(self) -> Terms:
        if self.next.text == "(":
            self.take()
            self.depth += 1
            if self.depth > DEEPEST:
                self.fail(f"at most {DEEPEST} brackets within each other")
            terms = self.sum({}, "+", outermost=False)
            self.expect(")")
            self.depth -= 1
            return terms
        position = self.next.position
        column = self.column()
        if self.next.text != "(":
            return _as_terms([(column,)])
        if column != "C":
            raise FormulaError(
                f"'{column}(' at character {position} is a function, and only C() may be used;"
                f" {PARTS}"
            )
        self.take()
        column = self.column()
        self.expect(")")
        return _as_terms([(f"C({column})",)])

    def column(self) -> str:
        if self.next.kind != "column":
            self.fail("a column")
        return self.take()

    def expect(self, text: str) -> None:
        if self.next.text != text:
            self.fail(f"'{text}'")
        self.take()

    def take(self) -> str:
        taken, self.next = self.next.text, next(self.tokens, self.next)
        return taken

    def limited(self, terms: Terms) -> Terms:
        if len(terms) > MOST_TERMS:
            raise FormulaError(
                f"it comes to more than {MOST_TERMS} terms when it is multiplied out"
            )
        return terms

    def fail(self, needed: str) -> NoReturn:
        found = f"'{self.next.text}' stands" if self.next.text else "it ends"
        raise FormulaError(
            f"{found} at character {self.next.position}, where {needed} is needed; {PARTS}"
        )


def _as_terms(terms: Iterable[Term]) -> Terms:
    found: Terms = {}
    for term in terms:
        found.setdefault(frozenset(term), term)
    return found


def _joined(*several: Terms) -> Terms:
    return _as_terms(term for terms in several for term in terms.values())


def _crossed(some: Terms, others: Terms) -> Terms:
    return _as_terms(_times(*pair) for pair in product(some.values(), others.values()))


def _times(one: Term, other: Term) -> Term:
    return tuple(dict.fromkeys([*one, *other]))
