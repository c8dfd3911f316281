from tests.surfaces.conftest import _collected_files, supervisor, town

__all__ = ["_collected_files", "supervisor", "town"]
