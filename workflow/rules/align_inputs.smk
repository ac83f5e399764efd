# What alignment takes: reads, and the aligner's index, which is ours or one that the config names.

LANES = {sample: [] for sample in SAMPLES.index}
for lane in EXPERIMENT.units.to_dict("records"):
    LANES[lane["sample"]].append(lane)

ALIGNER = SETTINGS["aligner"]
PREBUILT = SETTINGS["reference"]["index"]

# The settings that alignment and counting depend on, as the script's options.
ADAPTERS = SETTINGS["adapters"]
ALIGN_SETTINGS = " ".join(
    [
        *[f"--aligner {ALIGNER}", f"--strandedness {SETTINGS['strandedness']}"],
        f"--count-engine {SETTINGS['count_engine']}",
        *(["--trim", "--adapters"] if SETTINGS["trim"] else []),
        *(([ADAPTERS] if isinstance(ADAPTERS, str) else ADAPTERS) if SETTINGS["trim"] else []),
    ]
)
# No result depends on it: as one of the params it would align everything anew.
os.environ.update(IMID_STALL_MINUTES=str(SETTINGS["stall_minutes"]))

# All that the step starts is its code.
ALIGN_SCRIPTS = [
    *["align_sample", "feed_reads", "relay_mates", "check_strandedness", "count_reads"],
    "tally_alignments",
]


def reads_of_sample(wildcards):
    """Name a sample's FASTQ files, lane by lane; single-end reads have no second mates."""
    lanes = LANES[wildcards.sample]
    first = [lane["fastq_1"] for lane in lanes]
    return {"first": first, "second": [lane["fastq_2"] for lane in lanes if lane.get("fastq_2")]}


def aligner_index():
    """Name the input that stands for the index: its folder, or the first of HISAT2's files."""
    if PREBUILT is None:
        return getattr(rules, f"{ALIGNER}_index").output.index
    if ALIGNER == "star":
        return ancient(PREBUILT)
    files = (f"{PREBUILT}.1.ht2", f"{PREBUILT}.1.ht2l")
    return ancient(next(file for file in files if Path(file).exists()))


def gigabytes(path):
    """Give the size of a file, or of what lies in a folder; 0 before it is made."""
    path = Path(path)
    files = path.iterdir() if path.is_dir() else [path] if path.exists() else []
    return sum(file.stat().st_size for file in files) / 1e9


def align_memory(wildcards, input, attempt):
    """Ask for the index, which STAR holds in memory whole, and room for sorting."""
    index = gigabytes(input.index) if ALIGNER == "star" else 6
    return int(8000 + 1100 * index) * attempt


def star_index_memory(wildcards, input, attempt):
    """Ask for what STAR's manual gives for an index: ten bytes for each base, and a margin."""
    return int(4000 + 12_000 * gigabytes(input.fasta)) * attempt
