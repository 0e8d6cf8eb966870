"""Achievements Admin: Game Center achievements of a studio with many games."""
