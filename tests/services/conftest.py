"""A studio at Apple, small and as new."""

import pytest

from achievements_admin.simulator.process import SimulatorProcess
from tests.studio import Studio


@pytest.fixture
def studio(simulator_process: SimulatorProcess, transactional_db: None) -> Studio:
    """The small studio, its team connected."""
    return Studio(simulator_process)
