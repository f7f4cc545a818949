"""`python -m local_aws`."""

import typer

from local_aws.serving import main

if __name__ == "__main__":
    typer.run(main)
