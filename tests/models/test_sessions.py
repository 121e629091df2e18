"""Runs whose memory is planned: the first of each shape alone, and then several at once."""

import threading

import numpy as np
import pytest

from riffscope.models.sessions import PlannedRuns


class Network:
    """Stands for one of onnxruntime's; tells how many of its runs are going on, and gives back what it was given."""

    def __init__(self):
        self.running, self.most, self.gave_back = 0, 0, []
        self.together = threading.Barrier(2)
        self.lock = threading.Lock()

    def run(self, _, given, options):
        with self.lock:
            self.running += 1
            self.most = max(self.most, self.running)
        if options is None:
            self.together.wait(5)  # breaks unless two run at once
        else:
            threading.Event().wait(0.05)
            self.gave_back.append(given["sound"].shape)
        with self.lock:
            self.running -= 1
        return [given["sound"]]


@pytest.fixture
def at_once():
    def run_twice(runs, sound):
        threads = [threading.Thread(target=runs.run, args=(["out"], {"sound": sound})) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    return run_twice


def test_the_first_run_of_a_shape_is_the_only_one_and_gives_its_memory_back(at_once):
    network = Network()
    network.together = threading.Barrier(1)  # the second may run as soon as the first has ended
    at_once(PlannedRuns(network), np.zeros((2, 3)))
    assert network.most == 1
    assert network.gave_back == [(2, 3)]


def test_once_it_is_planned_several_run_at_once(at_once):
    network = Network()
    runs = PlannedRuns(network)
    for length in (3, 5):
        runs.run(["out"], {"sound": np.zeros((2, length))})
        at_once(runs, np.zeros((2, length)))
    assert network.most == 2
    assert network.gave_back == [(2, 3), (2, 5)]
