"""Amazon EMR Serverless as a state machine: applications and job runs, with a virtual clock, a seed and no I/O."""
