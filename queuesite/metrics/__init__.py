"""What an operator's Prometheus may read of this process and of the truth. docs/operations.md lists the figures."""
