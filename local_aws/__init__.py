"""The embedded AWS for laptops and tests: so far S3 alone, by moto. It speaks wire formats and imports none of ours."""
