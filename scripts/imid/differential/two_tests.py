"""What two tests of a contrast say together, and which of them to trust."""

from imid.shared.significance import QUASI_LIKELIHOOD, TESTS, WALD

# From so many on, about as many of the Wald test's discoveries are false as its rate says.
ENOUGH_REPLICATES = 12


def advice(discoveries: dict[str, int], replicates: int) -> str:
    """Say how many genes either test finds, and which to trust with so many replicates.

    Parameters
    ----------
    discoveries : dict
        Significant genes by test, as `significance.TESTS` names them.
    replicates : int
        Samples of the smallest condition that is compared.

    Returns
    -------
    str
        One or two sentences.
    """
    found = " and ".join(f"{discoveries[test]:,} by {words}" for test, words in TESTS.items())
    if replicates >= ENOUGH_REPLICATES:
        return f"{found}. With {replicates} replicates both rates hold; trust either."
    return (
        f"{found}. With {replicates} replicates trust {TESTS[QUASI_LIKELIHOOD]} where a false"
        f" discovery costs more than a missed one: {TESTS[WALD]} takes each gene's dispersion as"
        " known, which so few replicates hardly tell, so that more of its discoveries are false"
        " than its rate says."
    )
