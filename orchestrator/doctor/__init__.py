"""What a run needs, checked piece by piece: this machine, the account, roles, network, quotas."""
