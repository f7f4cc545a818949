"""Into S3: device simulator, stream transforms, event consumers. No pyspark here."""
