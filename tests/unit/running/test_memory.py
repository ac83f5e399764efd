from imid.running import memory


def test_a_job_asks_for_more_at_each_attempt_and_for_snakemake():
    ask = memory.growing(1000)
    assert [ask(None, attempt) for attempt in [1, 2, 3]] == [1500, 3000, 4500]
