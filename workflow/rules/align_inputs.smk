# What alignment takes: reads, and the aligner's index, which is ours or one that the config names.

from imid.reads.read_plan import CONTAMINANTS, ReadPlan
from imid.running.decisions import decided
from imid.running.rename_sample import COMMAND, renamed_samples
from imid.running.settled import settled_lines
from imid.shared.problems import warn

READS = ReadPlan(EXPERIMENT)
# Steps load it by its name: it belongs to their code, and the other aligners do not.
ALIGNED_BY = f"reads.{READS.aligner.name}"
SETTLED_LINES = decided(
    "SETTLED",
    lambda: settled_lines(EXPERIMENT, Path("results"), RESULTS.damage),
    workflow.is_main_process,
)
if workflow.is_main_process:
    for old, new in renamed_samples(EXPERIMENT):
        kept = f"{COMMAND} {old} {new}, with this run's options"
        warn(f"{new} has the reads of {old}, whose alignments are kept by {kept}")
# No result depends on it: as one of the params it would align everything anew.
os.environ.update(IMID_STALL_MINUTES=str(SETTINGS.stall_minutes))


def mates_of(column):
    """Give each sample's FASTQ files of one mate, lane by lane, as what is in them."""
    return {
        sample: [
            GIVEN.given(file, f"{column} of lane {number}")
            for number, lane in enumerate(lanes, start=1)
            if (file := getattr(lane, column))
        ]
        for sample, lanes in EXPERIMENT.lanes.items()
    }


FIRST_MATES, SECOND_MATES = mates_of("fastq_1"), mates_of("fastq_2")

strandedness_of_sample = asked(PLAN.strandedness_of_sample, "sample")
sample_of_line = asked(READS.sample_of_line, "cell_line")
first_mates = asked(FIRST_MATES.get, "sample")
second_mates = asked(SECOND_MATES.get, "sample")
first_mates_of_line = asked(lambda line: FIRST_MATES[READS.sample_of_line(line)], "cell_line")
second_mates_of_line = asked(lambda line: SECOND_MATES[READS.sample_of_line(line)], "cell_line")


def origin_of_sample(wildcards, input):
    """Say what a sample is made from, as JSON that is written down beside its alignments.

    It holds names, and a new name of a file is no reason to align it anew: what depends on a
    rule's input is not compared.
    """
    return as_json(READS.origin_of_sample(wildcards.sample))


# The index as the aligner's command is given it, and the files of it that the workflow builds.
BUILT_INDEX = f"results/reference/{READS.aligner.name}"
if READS.prebuilt_index:
    INDEX, parts = READS.aligner.prebuilt_index(READS.prebuilt_index, Path.cwd())
    INDEX, INDEX_FILES = GIVEN.given(READS.prebuilt_index, "index", INDEX, parts), []
else:
    INDEX = READS.aligner.built_index(BUILT_INDEX)
    INDEX_FILES = [f"{BUILT_INDEX}/{file}" for file in READS.aligner.index_files]

# They are made by one job: one of them stands for all, where thousands of samples would name each.
INDEX_MADE = INDEX_FILES[:1]


def index_in_use():
    """Name the files of an index that the workflow built, unless all of it was thrown away.

    Where no sample is to be aligned it may be gone; one of which a part is missing is damaged.
    """
    there = any(map(os.path.exists, INDEX_FILES))
    return INDEX_FILES if there and len(EXPERIMENT.archived) < len(SAMPLES) else []


def align_memory(wildcards, input, attempt):
    return READS.aligner.memory(Path(INDEX)) * attempt


def index_memory(wildcards, input, attempt):
    return READS.aligner.index_memory(Path(input.fasta)) * attempt


# What reads without a place in the genome are held against.
FOREIGN = [
    GIVEN.given(file, f"contaminant {name}", text=f"{name}={file}")
    for name, file in QUALITY.contaminants.items()
]
FOREIGN_INDEX = Path(READS.aligner.built_index(f"{CONTAMINANTS}/index"))


def contamination_memory(wildcards, input, attempt):
    return READS.aligner.memory(FOREIGN_INDEX) * attempt


def colours_of_treatments(wildcards):
    """Give each treatment its colour, as all figures do, as JSON; what draws is loaded for it alone."""
    from imid.figures.figure_style import treatment_colours

    return as_json(treatment_colours(EXPERIMENT.samples["treatment"]))
