"""What fast paths gain is measured for each of them, on the processor's time of another process."""

import os
import time

from bench.fast_paths import MEASURED
from bench.lab import processor_time
from queuesite.fast_paths import PATHS


def test_each_path_is_measured_but_the_one_that_is_not_about_speed() -> None:
    assert set(MEASURED) == set(PATHS) - {"daphne_limits"}


def test_the_time_of_a_process_is_that_of_its_own_clock() -> None:
    before = time.process_time()
    asked = processor_time(os.getpid())
    assert before <= asked <= time.process_time()
