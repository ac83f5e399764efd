import os
import threading

import pytest

from imid.reads.relay_mates import Stream, relay

SIZE = 8_000_000


@pytest.mark.parametrize("ahead", [0, 1])
def test_a_mate_that_comes_late_does_not_keep_the_other(ahead):
    """As fastp ends, all of one mate before the other, and as aligners read, by turns."""
    sources, targets = ([os.pipe() for _ in range(2)] for _ in range(2))
    streams = [
        Stream(f"/dev/fd/{source[0]}", f"/dev/fd/{target[1]}")
        for source, target in zip(sources, targets, strict=True)
    ]
    for end in [sources[0][0], sources[1][0], targets[0][1], targets[1][1]]:
        os.close(end)

    def write():
        for mate in (ahead, 1 - ahead):
            with open(sources[mate][1], "wb") as file:
                file.write(b"%d" % mate * SIZE)

    threads = [threading.Thread(target=write), threading.Thread(target=relay, args=(streams,))]
    for thread in threads:
        thread.daemon = True
        thread.start()
    got = [0, 0]
    while min(got) < SIZE:
        for mate in (0, 1):
            chunk = os.read(targets[mate][0], 5000)
            assert set(chunk) <= {ord("0") + mate}
            got[mate] += len(chunk)
    for thread in threads:
        thread.join(timeout=10)
        assert not thread.is_alive()
    assert [os.read(target[0], 1) for target in targets] == [b"", b""]
