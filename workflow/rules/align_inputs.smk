# What alignment takes: reads, and the aligner's index, which is ours or one that the config names.

from imid.reads.index_files import built_index, prebuilt_index

LANES = {sample: [] for sample in SAMPLES.index}
for lane in EXPERIMENT.units.to_dict("records"):
    LANES[lane["sample"]].append(lane)

ALIGNER = SETTINGS["aligner"]
PREBUILT = SETTINGS["reference"]["index"]

# The settings that alignment and counting depend on, as the script's options.
ADAPTERS = SETTINGS["adapters"]
ALIGN_SETTINGS = " ".join(
    [
        f"--aligner {ALIGNER}",
        f"--count-engine {SETTINGS['count_engine']}",
        *(["--trim", "--adapters"] if SETTINGS["trim"] else []),
        *(([ADAPTERS] if isinstance(ADAPTERS, str) else ADAPTERS) if SETTINGS["trim"] else []),
    ]
)
# No result depends on it: as one of the params it would align everything anew.
os.environ.update(IMID_STALL_MINUTES=str(SETTINGS["stall_minutes"]))


def programs_used():
    """Name the programs that reads pass through."""
    aligner = {"star": "STAR", "hisat2": "hisat2"}[ALIGNER]
    return [aligner, "samtools", *(["fastp"] if SETTINGS["trim"] else [])]


def mates_of(column):
    """Give each sample's FASTQ files, lane by lane; single-end reads have no second mates."""
    return {
        sample: [
            GIVEN.given(lane[column], f"{column} of lane {number}")
            for number, lane in enumerate(lanes, start=1)
            if lane[column]
        ]
        for sample, lanes in LANES.items()
    }


FIRST_MATES, SECOND_MATES = mates_of("fastq_1"), mates_of("fastq_2")


def first_mates(wildcards):
    return FIRST_MATES[wildcards.sample]


def second_mates(wildcards):
    return SECOND_MATES[wildcards.sample]


def origin_of_sample(wildcards, input):
    """Say what a sample is made from, as JSON that is written down beside its alignments.

    It holds names, and a new name of a file is no reason to align it anew: what depends on a
    rule's input is not compared.
    """
    return json.dumps(planned_origin(LANES[wildcards.sample], SETTINGS))


def first_sample(cell_line):
    """Name a line's first sample that has its reads."""
    samples = SAMPLES.index[SAMPLES["cell_line"] == cell_line]
    return next((sample for sample in samples if sample not in EXPERIMENT.archived), samples[0])


def first_mates_of_line(wildcards):
    return FIRST_MATES[first_sample(wildcards.cell_line)]


def second_mates_of_line(wildcards):
    return SECOND_MATES[first_sample(wildcards.cell_line)]


def sample_of_line(wildcards):
    return first_sample(wildcards.cell_line)


def strandedness_of_sample(wildcards):
    line = SAMPLES.at[wildcards.sample, "cell_line"]
    return f"results/strandedness/{line}.json"


def is_settled(cell_line):
    """Tell whether samples of a line were counted by a strandedness found with this setting.

    It stands as long as they do, also where the sample it was found with is left out.
    """
    finding = read_record(Path(f"results/strandedness/{cell_line}.json")) or {}
    samples = SAMPLES.index[SAMPLES["cell_line"] == cell_line]
    return finding.get("configured") == SETTINGS["strandedness"] and any(
        Path(f"results/samples/{sample}/counts.tsv").exists() for sample in samples
    )


# In a job the rule that it is of must be there, whatever other jobs have finished by then.
SETTLED_LINES = (
    [line for line in EXPERIMENT.cell_lines if is_settled(line)] if workflow.is_main_process else []
)


# The index as the aligner's command is given it, and the files of it that the workflow builds.
if PREBUILT:
    INDEX, parts = prebuilt_index(ALIGNER, PREBUILT, Path.cwd())
    INDEX, INDEX_FILES = GIVEN.given(PREBUILT, "index", INDEX, parts), []
else:
    INDEX, INDEX_FILES = built_index(ALIGNER, f"results/reference/{ALIGNER}")


def index_in_use():
    """Name the files of an index that the workflow built, unless all of it was thrown away.

    Where no sample is to be aligned it may be gone; one of which a part is missing is damaged.
    """
    there = any(map(os.path.exists, INDEX_FILES))
    return INDEX_FILES if there and len(EXPERIMENT.archived) < len(SAMPLES) else []


def aligner_index(wildcards):
    """Give the index: its folder, or the first of HISAT2's files."""
    return INDEX


def gigabytes(path):
    """Give the size of a file, or of what lies in a folder; 0 before it is made."""
    path = Path(path)
    files = path.iterdir() if path.is_dir() else [path] if path.exists() else []
    return sum(file.stat().st_size for file in files) / 1e9


def align_memory(wildcards, input, attempt):
    """Ask for the index, which STAR holds in memory whole, and room for sorting."""
    index = gigabytes(INDEX) if ALIGNER == "star" else 6
    return int(8000 + 1100 * index) * attempt


def star_index_memory(wildcards, input, attempt):
    """Ask for what STAR's manual gives for an index: ten bytes for each base, and a margin."""
    return int(4000 + 12_000 * gigabytes(input.fasta)) * attempt
