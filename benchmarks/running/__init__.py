"""What benchmarks and long series run on."""
