"""Qualities of FASTQ, and the encodings in which they come."""

from collections import Counter

import numpy as np

from imid.reads.fastq_file import FastqFile

# Qualities as ASCII: Phred + 33 or, until 2011, Phred + 64; Solexa's went down to -5.
LOWEST, HIGHEST = 33, 126
PHRED64, SOLEXA = 64, 59
SHIFT = PHRED64 - LOWEST
# No sequencer's Phred + 33 lies between these alone (Q26 to Q43 are 59 to 76).
PLAUSIBLE_PHRED33 = 76
TO_PHRED33 = bytes(max(code - SHIFT, LOWEST) for code in range(256))
# So many records of Phred+64 are told at once, fewer when the last was read; one may be a chance.
MANY, SOME = 1000, 5
PHRED64_CONVERTED = "qualities of Phred+64, converted"


class Encoding:
    """Finds out in which encoding a lane's qualities are, and brings them to Phred + 33.

    Parameters
    ----------
    files : list of FastqFile
        Of the mates; named in messages.
    notes : Counter
        What was converted is added up here.
    """

    def __init__(self, files: list[FastqFile], notes: Counter) -> None:
        self.files = files
        self.notes = notes
        self.lowest, self.highest = HIGHEST, LOWEST
        self.phred64: bool | None = None
        self.high_alone = 0
        self.first_high: tuple[FastqFile, int] | None = None
        self.wide = False

    def to_phred33(self, qualities: list[list[bytes]], before: int) -> list[list[bytes]]:
        """Check the qualities of as many records of each mate, and convert them.

        Parameters
        ----------
        qualities : list of list of bytes
            For each mate.
        before : int
            Records before them, for messages.

        Returns
        -------
        list of list of bytes

        Raises
        ------
        FastqError
            Where one is no quality, or of another encoding than those before.
        """
        lowest, highest = self._range(qualities, before)
        self.lowest, self.highest = min(self.lowest, lowest), max(self.highest, highest)
        if self.phred64 is None:
            self.phred64 = self._is_phred64()
        if not self.phred64:
            if highest > PLAUSIBLE_PHRED33 and not self.wide:
                self._count_high(qualities, before)
                if self.lowest < SOLEXA:
                    self._refuse_joined(MANY)
            return qualities
        if lowest < PHRED64:
            self._refuse_mixed(qualities, before)
        self.notes[PHRED64_CONVERTED] += len(qualities[0])
        return [[line.translate(TO_PHRED33) for line in lines] for lines in qualities]

    def refuse_change(self) -> None:
        """Refuse qualities that all together are of another encoding than the first were."""
        if self.lowest < SOLEXA:
            self._refuse_joined(SOME)
        if self.phred64 is not None and self._is_phred64() != self.phred64:
            raise self.files[0].error(
                "has qualities of Phred+64, which its first reads did not show;"
                " convert them (seqtk seq -Q64 -V)"
            )

    def _range(self, qualities: list[list[bytes]], before: int) -> tuple[int, int]:
        lowest, highest = HIGHEST, LOWEST
        for file, lines in zip(self.files, qualities, strict=True):
            codes = np.frombuffer(b"".join(lines), np.uint8)
            low, high = int(codes.min(initial=HIGHEST)), int(codes.max(initial=LOWEST))
            if low < LOWEST or high > HIGHEST:
                row = next(i for i, line in enumerate(lines) if _unprintable(line))
                raise file.error(
                    f"is damaged at record {before + row + 1}: a quality is"
                    f" {_unprintable(lines[row])[:1].decode('latin-1')!r}; copy it again"
                )
            lowest, highest = min(lowest, low), max(highest, high)
        return lowest, highest

    def _is_phred64(self) -> bool:
        if self.lowest < SOLEXA or self.highest <= PLAUSIBLE_PHRED33:
            return False
        if self.lowest < PHRED64:
            raise self.files[0].error(
                f"has qualities from {chr(self.lowest)} to {chr(self.highest)}, which are Solexa's"
                " or of another unknown encoding; write them as Phred+33"
            )
        return True

    def _count_high(self, qualities: list[list[bytes]], before: int) -> None:
        """Count records that are higher than a sequencer's Phred + 33, and nowhere low.

        A record that is both shows a sequencer that writes such qualities, and the others are its.
        """
        for file, lines in zip(self.files, qualities, strict=True):
            for row, line in enumerate(lines):
                if max(line, default=LOWEST) <= PLAUSIBLE_PHRED33:
                    continue
                if min(line) < SOLEXA:
                    self.wide = True
                    return
                self.high_alone += 1
                self.first_high = self.first_high or (file, before + row + 1)

    def _refuse_joined(self, tolerated: int) -> None:
        if self.first_high and self.high_alone > tolerated and not self.wide:
            file, number = self.first_high
            raise file.error(
                f"has qualities of Phred+64, at record {number} the first, and others of Phred+33;"
                " files of both were joined: convert them apart"
            )

    def _refuse_mixed(self, qualities: list[list[bytes]], before: int) -> None:
        for file, lines in zip(self.files, qualities, strict=True):
            for row, line in enumerate(lines):
                if min(line, default=PHRED64) < PHRED64:
                    raise file.error(
                        f"has at record {before + row + 1} a quality of '{chr(min(line))}', but"
                        " the records before are of Phred+64; files of both were joined: convert"
                        " them apart"
                    )


def _unprintable(line: bytes) -> bytes:
    return line.translate(None, bytes(range(LOWEST, HIGHEST + 1)))
