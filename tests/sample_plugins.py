"""Installs the plugins of tests/plugins/sample for the test session and the processes it starts.

pytest loads this (``-p tests.sample_plugins``) before anything reads Django's settings.
"""

import os
import sys
from pathlib import Path

SAMPLES = str(Path(__file__).parent / "plugins" / "sample")

sys.path.insert(0, SAMPLES)
os.environ["PYTHONPATH"] = os.pathsep.join(
    filter(None, [SAMPLES, os.environ.get("PYTHONPATH", "")])
)
