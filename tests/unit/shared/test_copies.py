from imid.shared.copies import copy_problems

APART = {"s1": {"a_R1": "1", "a_R2": "2"}, "s2": {"b_R1": "3", "b_R2": "4"}}


def test_samples_of_their_own_are_no_problem():
    assert copy_problems({"s1": "x", "s2": "y"}, APART) == []


def test_a_file_under_two_samples_is_told_once_by_its_names():
    (problem,) = copy_problems({"s1": "x", "s2": "x"}, APART | {"s2": {"b_R2": "1"}})
    assert problem.startswith("samples s1 and s2: a_R1 and b_R2 have the same content; ")


def test_two_lanes_of_one_sample_may_not_be_the_same_either():
    (problem,) = copy_problems({}, {"s1": {"L1": "1", "L2": "1"}})
    assert "L1 and L2 have the same content" in problem


def test_the_same_counts_are_the_same_reads_whatever_their_bytes():
    (problem,) = copy_problems({"s1": "x", "s2": "y", "s3": "x"}, APART)
    assert problem.startswith("samples s1 and s3 have the same counts in every gene")
