import pytest

from imid.running import memory


@pytest.fixture
def index(tmp_path):
    """A folder of two sparse files, 3 GB together."""
    for name, size in [("SA", 2_000_000_000), ("Genome", 1_000_000_000)]:
        with (tmp_path / name).open("wb") as file:
            file.truncate(size)
    return tmp_path


def test_the_size_of_a_file_of_a_folder_and_of_nothing(index):
    sizes = [memory.gigabytes(path) for path in [index / "SA", index, index / "absent"]]
    assert sizes == [2, 3, 0]


def test_star_holds_its_index_in_memory_and_hisat2_a_small_one(index):
    assert memory.of_alignment("star", index) == 8000 + 3 * 1100
    assert memory.of_alignment("hisat2", index / "absent.1.ht2") == 8000 + 6 * 1100


def test_building_takes_more_than_ten_bytes_for_each_base(index):
    assert memory.of_star_index(index / "SA") == 4000 + 2 * 12_000


def test_a_job_asks_for_more_at_each_attempt_and_for_snakemake():
    ask = memory.growing(1000)
    assert [ask(None, attempt) for attempt in [1, 2, 3]] == [1500, 3000, 4500]
