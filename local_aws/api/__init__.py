"""What all services of AWS have in common: their shapes, by botocore's models, JSON on the wire, and error answers."""
