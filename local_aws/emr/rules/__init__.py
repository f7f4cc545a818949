"""What AWS states of a request only in prose: rules that refuse what the service model alone lets pass."""
