"""What a genome's FASTA must be, for whoever reads one: the check of the input and the step."""

import re

from imid.userfiles.check_content import ContentError

IUPAC = b"ACGTNRYKMSWBDHVacgtnrykmswbdhv"
ENDS = b"\r\n"
PROTEIN = set(b"EFILPQZefilpqz*")
# What SAM allows as a name of a reference sequence.
NAME = re.compile(rb"[0-9A-Za-z!#$%&+./:;?@^_|~-][0-9A-Za-z!#$%&*+./:;=?@^_|~-]*")
TOLD = 3


class FastaRules:
    """Sequences that pass by in blocks, and what is wrong with them.

    Attributes
    ----------
    lengths : dict
        Bases of each sequence by name, in the order of the file.
    """

    def __init__(self) -> None:
        self.lengths: dict[str, int] = {}
        self._faults: dict[str, list[str]] = {}
        self._now = ""
        self._header = b""
        self._at_start_of_line = True

    def feed(self, block: bytes) -> None:
        """Look at the next block of any size.

        Parameters
        ----------
        block : bytes
            Of the decompressed file.

        Raises
        ------
        ContentError
            If the file is not FASTA.
        """
        text, at = self._header + block, 0
        self._header = b""
        while at < len(text):
            if self._at_start_of_line and text.startswith(b">", at):
                end = text.find(b"\n", at)
                if end < 0:
                    self._header = text[at:]
                    return
                self._begin(text[at + 1 : end])
                at = end + 1
                continue
            if not self._now:
                raise ContentError("is not FASTA: its first line does not begin with '>'")
            following = text.find(b"\n>", at)
            end = len(text) if following < 0 else following + 1
            self._bases(text[at:end])
            self._at_start_of_line = text.endswith(b"\n", at, end)
            at = end

    def end(self) -> None:
        """Say that the file is at its end.

        Raises
        ------
        ContentError
            If it has no sequence.
        """
        if self._header:
            self._begin(self._header[1:])
        if not self._now:
            raise ContentError("holds no sequences")
        empty = [name for name, length in self.lengths.items() if not length]
        if len(empty) == len(self.lengths):
            raise ContentError("has names of sequences, but no bases")
        self._faults.setdefault("without any base", []).extend(empty)

    def _begin(self, header: bytes) -> None:
        if b"\r" in header[:-1]:
            raise ContentError("has line ends of old Macs; convert it with tr '\\r' '\\n'")
        name = (re.split(rb"\s", header, maxsplit=1) or [b""])[0]
        self._now = name.decode(errors="backslashreplace")
        if not name:
            raise ContentError("has a sequence without a name right after its '>'")
        if not NAME.fullmatch(name):
            self._note("with a name that SAM and BAM cannot hold", self._now)
        if self._now in self.lengths:
            self._note("twice", self._now)
        self.lengths.setdefault(self._now, 0)

    def _bases(self, part: bytes) -> None:
        self.lengths[self._now] += len(part) - part.count(b"\n") - part.count(b"\r")
        if other := part.translate(None, IUPAC + ENDS):
            byte = chr(other[0]) if 32 < other[0] < 127 else f"byte {other[0]}"
            if PROTEIN.intersection(other):
                self._note("of a protein", self._now)
            elif byte in "Uu":
                self._note("of RNA (U); DNA is needed", self._now)
            else:
                self._note(f"with '{byte}', which is no base", self._now)

    def _note(self, fault: str, name: str) -> None:
        names = self._faults.setdefault(fault, [])
        if name not in names[-1:]:
            names.append(name)

    @property
    def problems(self) -> list[str]:
        """What is wrong with sequences, in words that follow the file's name."""
        return [
            f"has {'a sequence' if len(names) == 1 else f'{len(names)} sequences'} {fault}:"
            f" {', '.join(names[:TOLD])}{' ...' if len(names) > TOLD else ''}"
            for fault, names in self._faults.items()
            if names
        ]
