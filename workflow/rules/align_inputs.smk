# What alignment takes: reads, and the aligner's index, which is ours or one that the config names.

from imid.reads.read_plan import ReadPlan
from imid.running import memory
from imid.running.settled import settled_lines

READS = ReadPlan(EXPERIMENT)
# In a job the rule that it is of must be there, whatever other jobs have finished by then.
SETTLED_LINES = settled_lines(EXPERIMENT, Path("results")) if workflow.is_main_process else []
# No result depends on it: as one of the params it would align everything anew.
os.environ.update(IMID_STALL_MINUTES=str(SETTINGS["stall_minutes"]))

strandedness_of_sample = asked(PLAN.strandedness_of_sample, "sample")
origin_of_sample = asked_as_json(READS.origin_of_sample, "sample")
sample_of_line = asked(READS.sample_of_line, "cell_line")


def lanes_of(sample):
    """Name a sample's FASTQ files; those that came back from an archive are not taken for new."""
    as_given = ancient if sample in EXPERIMENT.restored else list
    return {mates: as_given(files) for mates, files in READS.files_of_sample(sample).items()}


reads_of_sample = asked(lanes_of, "sample")
reads_of_line = asked(lambda line: lanes_of(READS.sample_of_line(line)), "cell_line")


def aligner_index():
    """Name the input that stands for the index: its folder, or the first of HISAT2's files."""
    if READS.prebuilt_index is None:
        return getattr(rules, f"{READS.aligner}_index").output.index
    return ancient(READS.prebuilt_index)


def align_memory(wildcards, input, attempt):
    return memory.of_alignment(READS.aligner, Path(input.index)) * attempt


def star_index_memory(wildcards, input, attempt):
    return memory.of_star_index(Path(input.fasta)) * attempt
