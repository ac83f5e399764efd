"""Write the session that opens samples, tracks and target loci in IGV."""

import argparse
from functools import partial
from pathlib import Path

from imid.counting.annotation import read_exons
from imid.reads.findings import read_line_strandedness
from imid.shared.files import written
from imid.shared.json_files import from_json
from imid.shared.problems import reported
from imid.tracks.coverage import STRANDS
from imid.tracks.igv_session import ShownSample, igv_session
from imid.tracks.target_loci import target_loci
from imid.userfiles.check_table import read_user_table


def main(argv: list[str] | None = None) -> None:
    """Write the session; of the files that it names none but annotation and panel is read."""
    parser = argparse.ArgumentParser(description=__doc__)
    table = partial(from_json, shape=list[dict[str, str]], name="--samples")
    parser.add_argument("--samples", type=table, required=True, help="JSON: their rows")
    parser.add_argument("--alignments", nargs="+", type=Path, required=True, help="BAM of each")
    parser.add_argument("--tracks", nargs="+", type=Path, required=True, help="folder of each")
    parser.add_argument("--strandedness", nargs="+", type=Path, required=True, help="of each line")
    colours = partial(from_json, shape=dict[str, str], name="--colours")
    parser.add_argument("--colours", type=colours, required=True, help="JSON: by treatment")
    parser.add_argument("--genome", type=Path, required=True, help="FASTA, indexed")
    parser.add_argument("--annotation", type=Path, required=True, help="GTF to read loci from")
    parser.add_argument("--indexed-annotation", type=Path, required=True, help="GTF to show")
    parser.add_argument("--panel", type=Path, required=True, help="target panel")
    parser.add_argument("--output", type=Path, required=True, help="XML to write")
    arguments = parser.parse_args(argv)

    lines = map(read_line_strandedness, arguments.strandedness)
    strands = {line.cell_line: STRANDS[line.strandedness] for line in lines}
    each = zip(arguments.samples, arguments.alignments, arguments.tracks, strict=True)
    samples = [
        ShownSample(
            row["sample"],
            row["treatment"],
            alignments,
            {strand: folder / f"{strand}.bw" for strand in strands[row["cell_line"]]},
        )
        for row, alignments, folder in each
    ]
    # As the check reads it: with comment lines, and blanks around a cell.
    panel = read_user_table(arguments.panel, str(arguments.panel)).rows
    loci = target_loci(panel, read_exons(arguments.annotation))
    shown = arguments.genome, arguments.indexed_annotation, samples, arguments.colours, loci
    with written(arguments.output) as temporary:
        session = igv_session(arguments.output, *shown)
        session.write(temporary, encoding="UTF-8", xml_declaration=True)


if __name__ == "__main__":
    reported(main)
