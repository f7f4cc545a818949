"""An Amazon EMR of our own: clusters, fleets and steps as a state machine that a clock, a seed and faults drive."""
