"""Concepts of a case: their fronts over power and energy, the choice between them, and where the pump pays."""
