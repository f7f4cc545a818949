"""The operations of EMR Serverless, by what they are about."""
