"""What AWS states of requests in prose only."""
