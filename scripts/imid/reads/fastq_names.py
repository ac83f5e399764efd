"""Names of a lane's reads: mates held against each other, and one name for both."""

import operator
from itertools import islice

from imid.reads.fastq_file import FastqFile
from imid.reads.read_names import (
    Mark,
    find_interleaved,
    find_mark,
    made_safe,
    said_mate,
    what_differs,
    without_suffix,
)

MATES_LOOKED_AT = 64
EXCHANGED = "holds the first mates, and fastq_1 the second; exchange them"

# What is white to Python beside blank, tab and line end, at which headers and lines are cut.
ODD_WHITE = (b"\r", b"\v", b"\f")


class FragmentNames:
    """Checks the names of a lane's records, and gives each read or pair one.

    Parameters
    ----------
    files : list of FastqFile
        Of the mates; named in messages.
    last_name : bytes
        The name before the first, which must be another.
    """

    def __init__(self, files: list[FastqFile], last_name: bytes) -> None:
        self.files = files
        self.last_name = last_name
        self.mark: Mark | None = None

    def of(self, headers: list[list[bytes]], before: int) -> list[bytes]:
        """Give the names of reads or pairs.

        Parameters
        ----------
        headers : list of list of bytes
            The first lines of as many records of each mate.
        before : int
            Records before them.

        Returns
        -------
        list of bytes
            The names, with the ``@`` before them, as no program downstream alters them.

        Raises
        ------
        FastqError
            Where a read has no name, mates are none, or two that follow each other have one name.
        """
        headers = [_without_tabs(mate) for mate in headers]
        given = [[header.partition(b" ")[0] for header in mate] for mate in headers]
        for file, mate in zip(self.files, given, strict=True):
            _refuse_nameless(file, mate, before)
        names = (
            self._of_pairs(given, headers, before)
            if len(given) > 1
            else self._of_single(given[0], before)
        )
        names = made_safe(names)
        self._refuse_repeated(names, before)
        self.last_name = names[-1]
        return names

    def _of_single(self, names: list[bytes], before: int) -> list[bytes]:
        row = find_interleaved(names)
        if row is not None:
            one, other = map(_name_shown, names[row : row + 2])
            raise self.files[0].error(
                f"holds pairs, one mate after the other: records {before + row + 1} and"
                f" {before + row + 2} are called {one} and {other};"
                " write the mates to two files, fastq_1 and fastq_2"
            )
        return without_suffix(names) if b"/" in b"".join(names) else names

    def _of_pairs(
        self, given: list[list[bytes]], headers: list[list[bytes]], before: int
    ) -> list[bytes]:
        if not before:
            self.mark = find_mark(given[0][0], given[1][0])
        if self.mark is None:
            names, others = given
        else:
            names, others = (self.mark.removed(mate, n) for n, mate in enumerate(given))
        if names is None or names != others:
            self._tell_strangers(headers, before)
        # Comments that may say so are looked at one by one.
        if b" 2:" in b"\n".join(headers[0]) or b" 1:" in b"\n".join(headers[1]):
            for row in range(len(names)):
                self._refuse_wrong_mates(headers, slice(row, row + 1))
        self._refuse_wrong_mates(headers, slice(MATES_LOOKED_AT))
        return names

    def _refuse_wrong_mates(self, headers: list[list[bytes]], rows: slice) -> None:
        """Refuse mates of which all say that they are the same, or each the other."""
        first, second = (
            {self._said_mate(*_name_and_comment(header)) for header in mate[rows]}
            for mate in headers
        )
        if first == second and first in ({1}, {2}):
            raise self.files[1].error(f"and fastq_1 both say that they hold mates {min(first)}")
        if (first, second) == ({2}, {1}):
            raise self.files[1].error(EXCHANGED)

    def _said_mate(self, name: bytes, comment: bytes) -> int | None:
        # What a mark left of a name says nothing of mates.
        return said_mate(b"" if self.mark else name, comment)

    def _tell_strangers(self, headers: list[list[bytes]], before: int) -> None:
        """Find the first two records that are no mates."""
        names = ([_name_and_comment(header)[0] for header in mate] for mate in headers)
        pairs = list(zip(*names, strict=True))
        for row, (name, other) in enumerate(pairs):
            if self.mark.joins(name, other) if self.mark else name == other:
                continue
            if all(find_mark(second, first) for first, second in pairs[row:]):
                raise self.files[1].error(EXCHANGED)
            number = before + row + 1
            found = (
                f"begins with read {_name_shown(other)}, but fastq_1 with {_name_shown(name)}"
                if number == 1
                else f"has {_name_shown(other)} as record {number}, but fastq_1 has"
                f" {_name_shown(name)}"
            )
            raise self.files[1].error(f"{found}; {_why_strange(pairs[row:])}")

    def _refuse_repeated(self, names: list[bytes], before: int) -> None:
        """Refuse two of one name that follow each other: counting takes them for one."""
        previous = [self.last_name, *islice(names, len(names) - 1)]
        if not any(map(operator.eq, previous, names)):
            return
        row = next(
            i for i, pair in enumerate(zip(previous, names, strict=True)) if pair[0] == pair[1]
        )
        name, number = _name_shown(names[row]), before + row + 1
        if number == 1:
            raise self.files[0].error(
                f"begins with read {name}, and so the lane before it ends; every read or pair"
                " needs a name of its own"
            )
        remedy = (
            "every pair needs a name of its own"
            if len(self.files) > 1
            else "if it holds pairs, one mate after the other, write them to two files, fastq_1"
            " and fastq_2; if not, every read needs a name of its own"
        )
        raise self.files[0].error(f"has {name} as records {number - 1} and {number}; {remedy}")


def _why_strange(pairs: list[tuple[bytes, bytes]]) -> str:
    """Say what two names that are not those of mates have against them, by those that follow."""
    first, second = what_differs(*pairs[0])
    if len(pairs) > 1 and all(what_differs(*pair) == (first, second) for pair in pairs):
        parts = f"'{first.decode('latin-1')}' and '{second.decode('latin-1')}'"
        return (
            f"all differ by {parts}, which is no known mark of mates, but may be of two libraries;"
            " if they are mates, call both alike, or one …/1 and the other …/2"
        )
    return (
        "mates are in the same order in both files, and called alike but for an end such as /1"
        " and /2"
    )


def _refuse_nameless(file: FastqFile, names: list[bytes], before: int) -> None:
    if b"@" not in names and not any(white in b"".join(names) for white in ODD_WHITE):
        return
    for number, name in enumerate(names, before + 1):
        if not name[1:2].strip():
            raise file.error(f"has no name at record {number}")


def _without_tabs(headers: list[bytes]) -> list[bytes]:
    if b"\t" in b"".join(headers):
        return [header.replace(b"\t", b" ") for header in headers]
    return headers


def _name_and_comment(header: bytes) -> tuple[bytes, bytes]:
    name, _, comment = header.partition(b" ")
    return name, comment


def _name_shown(name: bytes) -> str:
    return repr(name[1:].decode("latin-1"))
